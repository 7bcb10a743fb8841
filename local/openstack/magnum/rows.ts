/** What Magnum and Heat remember. Names are the wire's. */

export interface MagnumTemplateRow {
  id: string;
  project_id: string;
  user_id: string;
  name: string;
  public: boolean;
  hidden: boolean;
  created_at: string;
  updated_at: string | null;
  /** Everything else that the template says. */
  spec: Record<string, unknown>;
}

export interface MagnumClusterRow {
  id: string;
  project_id: string;
  user_id: string;
  name: string;
  cluster_template_id: string;
  keypair: string | null;
  create_timeout: number | null;
  labels: Record<string, string>;
  status: string;
  status_reason: string | null;
  stack_id: string;
  created_at: string;
  updated_at: string | null;
  /** Increases with every create: lists are in this order where none is asked for. */
  order: number;
}

export interface MagnumNodeGroupRow {
  id: string;
  order: number;
  cluster_id: string;
  name: string;
  role: string;
  is_default: boolean;
  flavor_id: string;
  image_id: string;
  node_count: number;
  min_node_count: number;
  max_node_count: number | null;
  labels: Record<string, string>;
  status: string;
  stack_id: string;
  /** Nova's ids. */
  servers: string[];
  created_at: string;
  updated_at: string | null;
}

export interface MagnumQuotaRow { id: string; order: number; project_id: string; resource: string; hard_limit: number; created_at: string }
