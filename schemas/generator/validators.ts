/** Validators compiled ahead, one module for each request: no function compiles a schema, or carries what does. */
import ajvModule, { type Options } from 'ajv/dist/2020.js';
import standaloneModule from 'ajv/dist/standalone/index.js';
import addFormatsModule from 'ajv-formats';
import { build } from 'esbuild';
import { readDefinitions, type Definitions } from './definitions.ts';

// Three CommonJS modules whose default export is below `default`.
const Ajv2020 = ajvModule.default;
const standaloneCode = standaloneModule.default;
const addFormats = addFormatsModule.default;

/** With every format and keyword our schemas use; also what tests hold answers against. */
type Ajv = InstanceType<typeof Ajv2020>;

export function newAjv(definitions: Definitions = readDefinitions(), options: Options = {}): Ajv {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true, ...options });
  addFormats(ajv);
  ajv.addVocabulary(['x-rule']);
  ajv.addSchema({ $id: 'moorage', $defs: definitions });
  return ajv;
}

/** The module's text; it imports nothing. */
export async function validatorModule(name: string): Promise<string> {
  const ajv = newAjv(readDefinitions(), { code: { source: true, esm: true, lines: true }, inlineRefs: false });
  const validate = ajv.compile({ $ref: `moorage#/$defs/${name}` });
  const bundled = await build({
    stdin: { contents: standaloneCode(ajv, validate), resolveDir: import.meta.dirname },
    bundle: true, write: false, format: 'esm', platform: 'neutral', mainFields: ['main'], target: 'node20',
    legalComments: 'none',
  });
  return bundled.outputFiles[0]!.text;
}

export const validatorTypes = (name: string): string => `import type { ${name} } from '../types.ts';
export interface ValidationError {
  instancePath: string; keyword: string; params: Record<string, unknown>; message?: string;
}
declare const validate: { (value: unknown): value is ${name}; errors?: ValidationError[] | null };
export default validate;
`;
