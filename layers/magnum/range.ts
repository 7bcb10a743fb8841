/** The microversions that are spoken: 1.1 to 1.14. */
export const versions = { least: 1, most: 14 };
export const versionText = (minor: number): string => `1.${minor}`;
/** Stable, for clients: the version that was asked for is none of them. */
export const unsupportedCode = 'magnum.microversion-unsupported';
