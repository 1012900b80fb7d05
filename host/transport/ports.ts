/** Port numbers where no operating system gives them out. */

/** RFC 6335, section 6: dynamic ports. */
export const firstEphemeralPort = 49_152;
export const lastPort = 65_535;
