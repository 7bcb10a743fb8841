/** The TypeScript types of everything that the schemas define. */
import { compile } from 'json-schema-to-typescript';
import { readDefinitions } from './definitions.ts';

export async function typesModule(): Promise<string> {
  const $defs = readDefinitions();
  // An object that refers to each definition, so that each becomes a type of its own name.
  const root = {
    $defs, type: 'object', additionalProperties: false,
    properties: Object.fromEntries(Object.keys($defs).map((name) => [name, { $ref: `#/$defs/${name}` }])),
  };
  const options = { bannerComment: '', format: false, ignoreMinAndMaxItems: true, additionalProperties: false };
  const text = await compile(root as never, 'Definitions', options);
  return `// Generated from schemas/*.json by \`npm run generate\`.\n${text}`;
}
