// What `types: ["node"]` means in ../../../tsconfig.node24.json.
/// <reference path="../../../../node_modules/types-node-24/index.d.ts" />
