import { expect, it } from 'vitest';
import { path, queryText } from '../../../layers/openstack/path.ts';

it('keeps every part one segment, and its template free of ids', () => {
  expect(path`/ports/${'p1'}/tags`).toEqual({ text: '/ports/p1/tags', template: '/ports/{id}/tags' });
  expect(path`/ports/${'../routers/r1?x=y#z'}`.text).toBe('/ports/..%2Frouters%2Fr1%3Fx%3Dy%23z');
});

it.each(['', '.', '..'])('refuses "%s" for an id', (id) => {
  expect(() => path`/ports/${id}`).toThrow(TypeError);
});

it('writes a query', () => {
  expect(queryText({})).toBe('');
  expect(queryText({ a: 'b c', n: 1, yes: true, list: ['x', 'y'], none: undefined })).toBe(
    '?a=b+c&n=1&yes=true&list=x&list=y',
  );
});
