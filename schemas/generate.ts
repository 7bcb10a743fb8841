/** `npm run generate`: validators, types and the OpenAPI document, out of the schemas. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, readDefinitions, readMagnumRoutes, readRoutes, rulesOf, type Route } from './generator/definitions.ts';
import { openApiDocument } from './generator/openapi.ts';
import { typesModule } from './generator/types.ts';
import { validatorModule, validatorTypes } from './generator/validators.ts';

const target = join(folder, 'generated');
const write = (file: string, text: string): void => writeFileSync(join(target, file), text);
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'validate'), { recursive: true });

const { routes } = readRoutes();
const { routes: magnumRoutes, parameters } = readMagnumRoutes();
const requests = new Set([...routes, ...magnumRoutes].map(({ request }) => request).filter((name) => name !== undefined));
for (const name of requests) {
  write(`validate/${name}.js`, await validatorModule(name));
  write(`validate/${name}.d.ts`, validatorTypes(name));
}
write('types.ts', await typesModule());
write('rules.json', json(rulesOf(readDefinitions())));
const methodsOf = (path: string): string[] => routes.filter((route) => route.path === path).map(({ method }) => method);
write('paths.json', json(Object.fromEntries(routes.map(({ path }) => [path, methodsOf(path)]))));
write('magnum-routes.json', json(magnumRoutes.map(magnumRoute)));
write('openapi.json', json(openApiDocument()));

/** What the functions that serve a route need to know of it. */
function magnumRoute({ id, method, path, role, since, status, parameters: names = [] }: Route): object {
  const query = names.map((name) => parameters[name]!).filter((each) => each.in === 'query').map(({ name }) => name);
  return { id, method, path, role, since, status, query };
}
