export const isatty = (): boolean => false;
