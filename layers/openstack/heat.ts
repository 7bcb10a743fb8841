/** Orchestration: the stacks that Magnum builds clusters of. One function, one call. */
import { path } from './path.ts';
import { list } from './resource.ts';
import type { Session } from './session.ts';

export interface Stack { id: string; stack_name: string; stack_status: string }
export interface StackResource {
  /** As the template calls it. */
  resource_name: string;
  resource_type: string;
  resource_status: string;
  /** The thing's id in its own service; empty until it has been made. */
  physical_resource_id: string;
}

/** Undefined when it does not exist, or not for this token. */
export async function getStack(session: Session, stackId: string): Promise<Stack | undefined> {
  // Asked for by id alone, Heat answers with a redirect.
  const found = await list<Stack>(session, {
    service: 'orchestration', path: path`/stacks`, key: 'stacks', query: { id: stackId }, paging: 'none',
  });
  return found.find(({ id }) => id === stackId);
}

/** Servers of a stack and of all stacks within it. */
export function listStackServers(session: Session, { id, stack_name: name }: Stack): Promise<StackResource[]> {
  return list<StackResource>(session, {
    service: 'orchestration', path: path`/stacks/${name}/${id}/resources`, key: 'resources', paging: 'none',
    query: { nested_depth: 5, type: 'OS::Nova::Server' },
  });
}
