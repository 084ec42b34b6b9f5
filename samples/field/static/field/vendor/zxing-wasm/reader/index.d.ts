// Written for this project: only what scan-worker.js uses.
export function prepareZXingModule(options: { overrides: { locateFile: (path: string) => string } }): void;
export function readBarcodes(
  image: ImageData,
  options: { formats: string[]; tryHarder: boolean; maxNumberOfSymbols: number },
): Promise<{ text: string; isValid: boolean }[]>;
