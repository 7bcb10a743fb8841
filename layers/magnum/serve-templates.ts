/** Templates: the operator's of the second generation, which are fixed, and the first generation's, which are Magnum's. */
import { parseBody } from '../http/body.ts';
import isTemplateCreate from '../../schemas/generated/validate/MagnumTemplateCreate.js';
import type { Handler, MagnumRequest, Reply } from './api.ts';
import { refused } from './errors.ts';
import { mergedList } from './merged-list.ts';
import { pageOf, sorted } from './page.ts';
import { toMagnum } from './pass-on.ts';
import { findTemplate, generationLabel, listTemplates, templateView } from './templates.ts';

const sortKeys = ['uuid', 'name', 'coe', 'image_id', 'flavor_id', 'master_flavor_id', 'public', 'hidden', 'server_type', 'cluster_distro',
  'project_id', 'user_id', 'network_driver', 'labels', 'created_at', 'updated_at', 'external_network_id', 'keypair_id', 'tags'];

export const listAllTemplates = (request: MagnumRequest): Promise<Reply> => mergedList(request, pageOf(request, sortKeys), {
  key: 'clustertemplates', path: request.below,
  async list(page) {
    const all = sorted((await listTemplates(request)).map((template) => templateView(template, request.base)), page);
    const at = page.marker === undefined ? -1 : all.findIndex(({ uuid }) => uuid === page.marker);
    return page.marker !== undefined && at < 0 ? undefined : all.slice(at + 1, at + 1 + page.limit);
  },
});

export const getTemplate: Handler = async (request) => {
  const template = await findTemplate(request, request.part('template'));
  return template ? templateView(template, request.base) : unknown(request);
};

/** Users' own are of the first generation. */
export const createTemplate: Handler = async (request) => {
  const { labels = {} } = parseBody(request.event, isTemplateCreate);
  if (labels[generationLabel] === undefined || String(labels[generationLabel]) === '1') return toMagnum(request);
  throw refused(400, `Templates of the second generation are the operator's: leave out the label ${generationLabel}, or choose one of those.`);
};

const fixed = (doing: string): Handler => async (request) => {
  const template = await findTemplate(request, request.part('template'));
  if (template) throw refused(403, `The template ${template.name} is the operator's: ${doing} it is not allowed.`);
  return unknown(request);
};

export const updateTemplate = fixed('changing');
export const deleteTemplate = fixed('deleting');

function unknown(request: MagnumRequest): Promise<Reply> {
  const named = `ClusterTemplate ${request.part('template')}`;
  return toMagnum(request, () => refused(404, `${named} could not be found.`), named);
}
