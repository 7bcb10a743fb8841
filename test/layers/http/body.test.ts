import { describe, expect, test } from 'vitest';
import { parseBody, problemsOf, segment } from '../../../layers/http/body.ts';
import { nextPage } from '../../../layers/http/page.ts';
import isNodeGroupEdit from '../../../schemas/generated/validate/NodeGroupEdit.js';

const refusal = (body: string): { code: string; details?: { path: string; code: string; message: string }[] } => {
  try {
    parseBody({ body }, isNodeGroupEdit);
  } catch (error) {
    return (error as { refusal: never }).refusal;
  }
  throw new Error('was not refused');
};

describe('a body', () => {
  test('may be encoded, and what is null is left out of it', () => {
    const text = JSON.stringify({ labels: { a: 'b' }, taints: null,
      scale_spec: { fixed_scale: { size: 1 }, auto_scale: null } });
    expect(parseBody({ body: Buffer.from(text).toString('base64'), isBase64Encoded: true }, isNodeGroupEdit))
      .toEqual({ labels: { a: 'b' }, scale_spec: { fixed_scale: { size: 1 } } });
  });

  test('is refused with words for people', () => {
    expect(refusal('{}').details).toEqual([{ path: '$', code: 'too_few', message: 'must not be empty' }]);
    const both = '"scale_spec":{"fixed_scale":{"size":1},"auto_scale":{"min_size":1,"max_size":2}}';
    expect(refusal(`{${both},"parallel_upgrade_chunk":101}`).details).toEqual([
      { path: '$.scale_spec', code: 'too_many', message: 'must have exactly one of its choices' },
      { path: '$.parallel_upgrade_chunk', code: 'out_of_range', message: 'must be <= 100' },
    ]);
    expect(refusal('{"vm_engine":{"nova_engine":{"flavor_id":"../etc"}}}').details)
      .toMatchObject([{ message: 'must be the id of something in OpenStack' }]);
    expect(refusal('[1]').details).toMatchObject([{ path: '$', code: 'wrong_type' }]);
    expect(refusal('').code).toBe('invalid_json');
    expect(refusal('{"__proto__":{"admin":true}}').details).toMatchObject([{ path: '$.__proto__',
      code: 'unknown_field' }]);
  });
});

test('a body is parsed as deep as anybody needs, and refused beyond', () => {
  const nested = (depth: number) => `{"labels":${'['.repeat(depth - 1)}"]]]\\"[[["${']'.repeat(depth - 1)}}`;
  expect(refusal(nested(32)).code).toBe('invalid_request');
  expect(refusal(nested(33)).code).toBe('invalid_json');
  expect(refusal(`{"labels":{"a":"${'[\\"'.repeat(20)}"}, "x":1}`).details).toMatchObject([{ code: 'unknown_field' }]);
});

test('a path leads to any field', () => {
  expect(['a', '0', 'kubernetes.io/x', 'it\'s'].map(segment).join('')).toBe('.a[0][\'kubernetes.io/x\'][\'it\\\'s\']');
  expect(problemsOf([{ instancePath: '/a~1b/0', keyword: 'required',
    params: { missingProperty: 'c' } }])).toEqual([{ path: '$[\'a/b\'][0].c', code: 'required',
    message: 'is missing' }]);
});

test('the next page keeps what was asked for', () => {
  const request = { path: '/v2/clusters', query: { limit: '2', marker: 'old' } };
  expect(nextPage(request, 'new')).toEqual({ next: '/v2/clusters?limit=2&marker=new' });
  expect(nextPage(request, undefined)).toEqual({});
});
