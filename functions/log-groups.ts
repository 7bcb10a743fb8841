/**
 * Many functions, few log groups: those of steps share one, those of the API share one; the few others keep their own.
 * A group for each function would take one of the stack's 500 resources each, and tell an operator no more.
 */

interface FunctionResource { Type: string; Properties: Record<string, unknown>; DependsOn?: string | string[] }
/** A template's resources by their logical ids, before anything else has read them. */
export type FunctionResources = Record<string, unknown>;

/** Kinds whose functions share a log group: `/aws/lambda/<service>-<stage>-<kind>`. */
const shared = new Set(['steps', 'http']);

interface Group { Properties: { LogGroupName: string } }
interface Statement { Action: string | string[]; Resource: unknown }
interface Role { Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] } }

/** Replaces the log groups of `functions` (logical id without its ending, and kind) by one for each kind that shares. */
export function shareLogGroups(resources: FunctionResources, functions: readonly { id: string; kind: string }[]): void {
  for (const { id, kind } of functions) {
    if (!shared.has(kind)) continue;
    const own = resources[`${id}LogGroup`] as Group;
    const lambda = resources[`${id}LambdaFunction`] as FunctionResource;
    const groupId = `${kind[0]!.toUpperCase()}${kind.slice(1)}LogGroup`;
    const name = commonName(own.Properties.LogGroupName, lambda.Properties.FunctionName as string, kind);
    resources[groupId] ??= { ...own, Properties: { ...own.Properties, LogGroupName: name } };
    delete resources[`${id}LogGroup`];
    lambda.Properties.LoggingConfig = { ...lambda.Properties.LoggingConfig as object, LogGroup: { Ref: groupId } };
    lambda.DependsOn = [lambda.DependsOn ?? []].flat().map((other) => (other === `${id}LogGroup` ? groupId : other));
    allowLogs(resources[`${id}IamRoleLambdaExecution`] as Role, groupId);
  }
}

/** `/aws/lambda/moorage-dev-stepNodes` is `/aws/lambda/moorage-dev-steps`: what looks for the prefix finds both. */
function commonName(ownName: string, functionName: string, kind: string): string {
  const installation = functionName.split('-').slice(0, -1).join('-');
  return `${ownName.slice(0, -functionName.length)}${installation}-${kind}`;
}

/** The role of a function writes to the group that it shares, and makes no group of its own. */
function allowLogs({ Properties: { Policies } }: Role, groupId: string): void {
  for (const statement of Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)) {
    if (![statement.Action].flat().includes('logs:PutLogEvents')) continue;
    statement.Action = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    statement.Resource = [{ 'Fn::GetAtt': [groupId, 'Arn'] }];
  }
}
