// dynalite ships no types; these are the inner parts that local/lambda/table.ts stands on.
interface DynaliteStore {
  db: {
    put(key: string, value: unknown, callback: (error?: Error | null) => void): void;
    del(key: string, callback: (error?: Error | null) => void): void;
    batch(operations: DynaliteWrite[], callback: (error?: Error | null) => void): void;
  };
  getTable(name: string, callback: (error: Error | null, table: DynaliteTable) => void): void;
  getItemDb(table: string): { get(key: string, callback: (error: Error | null, item: DynaliteItem) => void): void };
}
type DynaliteWrite = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };
type DynaliteItem = Record<string, Record<string, unknown>>;
interface DynaliteTable { KeySchema: { AttributeName: string }[] }
interface DynaliteAction { (store: DynaliteStore, data: object, callback: (error: Error | null, answer: object) => void): void }

declare module 'dynalite' {
  export default function dynalite(options: object): import('node:http').Server;
}
declare module 'dynalite/db/index.js' {
  const db: {
    create(options: object): DynaliteStore;
    createKey(key: DynaliteItem, table: DynaliteTable): string;
    checkConditional(data: object, item: DynaliteItem | undefined): Error | null | undefined;
    validationError(message: string): Error;
  };
  export default db;
}
declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: object, types: object): Record<string, unknown>;
    checkValidations(data: object, types: object, custom: unknown, store: DynaliteStore): void;
  };
  export default validations;
}
declare module 'dynalite/actions/*' {
  const action: DynaliteAction;
  export default action;
}
declare module 'dynalite/validations/*' {
  const validation: { types: object; custom: unknown };
  export default validation;
}
