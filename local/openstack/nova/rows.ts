/** What Nova remembers. Names are the wire's where they are shown as they are. */

export interface BlockDevice {
  /** null until a volume has been made of the image. */
  volumeId: string | null;
  attachmentId: string;
  bootIndex: number;
  device: string;
  deleteOnTermination: boolean;
  fromImage: { imageId: string; sizeGb: number; volumeType: string | null } | null;
}

export interface ServerNetwork {
  portId: string | null;
  networkId: string | null;
  fixedIp: string | null;
  /** Made by Nova for this server, and removed with it. */
  ownPort: boolean;
}

export interface ServerRow {
  id: string;
  name: string;
  project_id: string;
  user_id: string;
  flavor_id: string;
  image_id: string | null;
  status: string;
  vm_state: string;
  task_state: string | null;
  power_state: number;
  metadata: Record<string, string>;
  tags: string[];
  user_data: string | null;
  config_drive: boolean;
  key_name: string | null;
  availability_zone: string | null;
  description: string | null;
  group_id: string | null;
  networks: ServerNetwork[];
  devices: BlockDevice[];
  fault: { code: number; created: string; message: string } | null;
  /** Known while it is built: what it will end in, instead of ACTIVE. */
  doom: string | null;
  created: string;
  updated: string;
  launched_at: string | null;
  requestId: string | null;
  /** Increases with every create: servers are listed newest first. */
  order: number;
}

export interface ServerGroupRow {
  id: string;
  name: string;
  project_id: string;
  user_id: string;
  policy: string;
  rules: Record<string, unknown>;
}

export interface FlavorRow {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
  extra_specs: Record<string, string>;
}
