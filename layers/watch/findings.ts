/** What a look at a cluster may find. */

/** Something that was changed from outside and has been put back. */
export interface PutBack { kind: 'put-back'; reason: string; message: string }
/** Something that is lost or broken; an operation makes it anew. `groupId`: of a node group, else of the cluster itself. */
export interface Lost { kind: 'lost'; reason: string; message: string; groupId?: string }

export type Finding = PutBack | Lost;
