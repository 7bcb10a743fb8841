/** Images. One function, one call. */
import { path } from './path.ts';
import { get, list } from './resource.ts';
import type { Session } from './session.ts';

export interface Image {
  id: string;
  name: string;
  status: 'queued' | 'saving' | 'active' | 'deactivated' | 'deleted' | 'killed' | 'uploading' | 'importing';
  visibility: 'public' | 'community' | 'shared' | 'private';
  owner: string;
  size: number | null;
  virtual_size: number | null;
  min_disk: number;
  min_ram: number;
  tags: string[];
  os_hidden: boolean;
  created_at: string;
  os_distro?: string;
  os_version?: string;
  kube_version?: string;
}
/** `name: 'in:a,b'` finds several. */
export type ImageQuery = {
  name?: string;
  status?: Image['status'];
  visibility?: Image['visibility'] | 'all';
  owner?: string;
  tag?: string;
  kube_version?: string;
  sort?: string;
};

export function listImages(session: Session, query: ImageQuery = {}): Promise<Image[]> {
  return list<Image>(session, { service: 'image', path: path`/images`, key: 'images', query });
}

/** Undefined also when it is another project's own. */
export function getImage(session: Session, imageId: string): Promise<Image | undefined> {
  return get<Image>(session, { service: 'image', path: path`/images/${imageId}`, key: null });
}
