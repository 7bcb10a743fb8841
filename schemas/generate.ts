/** `npm run generate`: validators, types and the OpenAPI document, out of the schemas. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, readDefinitions, readRoutes, rulesOf } from './generator/definitions.ts';
import { openApiDocument } from './generator/openapi.ts';
import { typesModule } from './generator/types.ts';
import { validatorModule, validatorTypes } from './generator/validators.ts';

const target = join(folder, 'generated');
const write = (file: string, text: string): void => writeFileSync(join(target, file), text);
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'validate'), { recursive: true });

const { routes } = readRoutes();
const requests = new Set(routes.map(({ request }) => request).filter((name) => name !== undefined));
for (const name of requests) {
  write(`validate/${name}.js`, await validatorModule(name));
  write(`validate/${name}.d.ts`, validatorTypes(name));
}
write('types.ts', await typesModule());
write('rules.json', json(rulesOf(readDefinitions())));
const methodsOf = (path: string): string[] => routes.filter((route) => route.path === path).map(({ method }) => method);
write('paths.json', json(Object.fromEntries(routes.map(({ path }) => [path, methodsOf(path)]))));
write('openapi.json', json(openApiDocument()));
