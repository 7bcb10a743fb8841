/** What Cinder and Glance remember. Names are the wire's where they are shown as they are. */

export interface VolumeRow {
  id: string;
  project_id: string;
  user_id: string;
  name: string | null;
  description: string | null;
  size: number;
  status: string;
  availability_zone: string;
  volume_type: string;
  metadata: Record<string, string>;
  bootable: boolean;
  image_id: string | null;
  snapshot_id: string | null;
  source_volid: string | null;
  attachments: { attachment_id: string; server_id: string; host_name: string; device: string; attached_at: string }[];
  created_at: string;
  updated_at: string | null;
  order: number;
}

export interface SnapshotRow {
  id: string;
  project_id: string;
  user_id: string;
  name: string | null;
  description: string | null;
  volume_id: string;
  size: number;
  status: string;
  metadata: Record<string, string>;
  created_at: string;
  updated_at: string | null;
  order: number;
}

/** Begun, and neither accepted nor taken back. */
export interface VolumeTransferRow { id: string; volume_id: string; name: string | null; auth_key: string; created_at: string }

export interface VolumeTypeRow { id: string; name: string; description: string | null; isDefault: boolean }

export interface ImageRow {
  id: string;
  name: string;
  status: string;
  visibility: string;
  owner: string;
  size: number;
  min_disk: number;
  min_ram: number;
  tags: string[];
  properties: Record<string, string>;
  created_at: string;
  updated_at: string;
}
