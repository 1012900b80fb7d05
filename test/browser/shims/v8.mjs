export default { setFlagsFromString() {} };
