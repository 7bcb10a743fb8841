/** One thing that is wrong with a request: where (JSONPath), a stable code for programs, words for people. */
export interface Problem { path: string; code: string; message: string }

/** A problem at `path`, if `holds`: rules are lists of these, so that every one of them is looked at. */
export const unless = (holds: boolean, path: string, code: string, message: string): Problem[] =>
  (holds ? [] : [{ path, code, message }]);
