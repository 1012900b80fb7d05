type Class = abstract new (...args: never[]) => unknown;

function instanceTest(Class: Class) {
  return (value: unknown): boolean => value instanceof Class;
}

function tagTest(...tags: string[]) {
  return (value: unknown): boolean => tags.includes(Object.prototype.toString.call(value).slice(8, -1));
}

const TypedArray = Object.getPrototypeOf(Uint8Array) as Class;

export const isArrayBufferView = (value: unknown): boolean => ArrayBuffer.isView(value);
export const isTypedArray = instanceTest(TypedArray);
export const isUint8Array = instanceTest(Uint8Array);
export const isUint8ClampedArray = instanceTest(Uint8ClampedArray);
export const isUint16Array = instanceTest(Uint16Array);
export const isUint32Array = instanceTest(Uint32Array);
export const isInt8Array = instanceTest(Int8Array);
export const isInt16Array = instanceTest(Int16Array);
export const isInt32Array = instanceTest(Int32Array);
export const isFloat32Array = instanceTest(Float32Array);
export const isFloat64Array = instanceTest(Float64Array);
export const isBigInt64Array = instanceTest(BigInt64Array);
export const isBigUint64Array = instanceTest(BigUint64Array);
export const isDataView = instanceTest(DataView);
export const isArrayBuffer = tagTest('ArrayBuffer');
export const isSharedArrayBuffer = tagTest('SharedArrayBuffer');
export const isAnyArrayBuffer = tagTest('ArrayBuffer', 'SharedArrayBuffer');
export const isDate = tagTest('Date');
export const isRegExp = tagTest('RegExp');
export const isMap = tagTest('Map');
export const isSet = tagTest('Set');
export const isWeakMap = tagTest('WeakMap');
export const isWeakSet = tagTest('WeakSet');
export const isMapIterator = tagTest('Map Iterator');
export const isSetIterator = tagTest('Set Iterator');
export const isPromise = tagTest('Promise');
export const isNativeError = instanceTest(Error);
export const isAsyncFunction = tagTest('AsyncFunction', 'AsyncGeneratorFunction');
export const isGeneratorFunction = tagTest('GeneratorFunction', 'AsyncGeneratorFunction');
export const isGeneratorObject = tagTest('Generator');
export const isArgumentsObject = tagTest('Arguments');
export const isNumberObject = instanceTest(Number);
export const isStringObject = instanceTest(String);
export const isBooleanObject = instanceTest(Boolean);
export const isSymbolObject = instanceTest(Symbol as unknown as Class);
export const isBigIntObject = instanceTest(BigInt as unknown as Class);
export const isBoxedPrimitive = (value: unknown): boolean =>
  [isNumberObject, isStringObject, isBooleanObject, isSymbolObject, isBigIntObject].some((test) => test(value));
