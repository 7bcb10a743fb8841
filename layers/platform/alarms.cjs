// What somebody must look at. docs/operate.md says what each alarm means and what to type.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');
const { steps } = require('../../functions/steps/functions.cjs');

const root = join(__dirname, '../..');
const prefix = '${self:service}-${sls:stage}';
const upper = (name) => name[0].toUpperCase() + name.slice(1);
const keysOf = (path) => Object.keys(parse(readFileSync(join(root, path), 'utf8'), { logLevel: 'silent' }) ?? {});

/** An alarm expression takes ten metrics, so alarms over many things come in groups. */
const groupsOfTen = (items) => items.flatMap((_, i) => (i % 10 === 0 ? [items.slice(i, i + 10)] : []));

const alarm = (name, description, properties) => ({
  [`${name.split('-').map(upper).join('')}Alarm`]: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${prefix}-${name}`,
      AlarmDescription: description,
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      OKActions: [{ Ref: 'AlarmTopic' }],
      TreatMissingData: 'notBreaching',
      ...properties,
    },
  },
});

const metric = (Namespace, MetricName, dimensions) => ({
  Namespace, MetricName, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

const over = (expression, metrics, { Stat, Period, Threshold, ...rest }) => ({
  Metrics: [
    { Id: 'e', Expression: expression, ReturnData: true },
    ...metrics.map((Metric, i) => ({ Id: `m${i}`, MetricStat: { Metric, Period, Stat }, ReturnData: false })),
  ],
  ComparisonOperator: 'GreaterThanOrEqualToThreshold', Threshold, ...rest,
});

const queues = [{ name: 'advance', id: 'Advance' }, ...steps.map(({ name, id }) => ({ name: `step-${name}`, id }))];
const queueName = (logicalId) => ({ QueueName: { 'Fn::GetAtt': [logicalId, 'QueueName'] } });

const deadLetters = [['advance', 'Advance'], ['steps', 'Steps']].map(([name, id]) => alarm(`dead-${name}`, `Messages failed five times and are kept in the dead-letter queue ${prefix}-${name}-dead.`, {
  ...metric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', queueName(`${id}DeadLetters`)),
  Statistic: 'Maximum', Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold',
}));

const lateMessages = groupsOfTen(queues).map((group, i) => alarm(`late-${i + 1}`, `A message waits for 15 minutes in one of: ${group.map(({ name }) => name).join(', ')}.`, over(
  'MAX(METRICS())', group.map(({ id }) => metric('AWS/SQS', 'ApproximateAgeOfOldestMessage', queueName(`${id}Queue`))),
  { Stat: 'Maximum', Period: 60, Threshold: 900, EvaluationPeriods: 5 },
)));

const functions = [
  ...steps.map(({ id }) => `step${id.slice('Step'.length)}`),
  ...keysOf('functions/engine/functions.yml'), ...keysOf('functions/http/functions.yml'),
];
const functionErrors = groupsOfTen(functions).map((group, i) => alarm(`errors-${i + 1}`, `Crashed or timed out, five times in five minutes: one of ${group.join(', ')}.`, over(
  'MAX(METRICS())', group.map((key) => metric('AWS/Lambda', 'Errors', { FunctionName: `${prefix}-${key}` })),
  { Stat: 'Sum', Period: 300, Threshold: 5, EvaluationPeriods: 3, DatapointsToAlarm: 2 },
)));

const others = [
  alarm('operations-overdue', 'The sweeper keeps finding work that queues and functions should have done.', {
    ...metric('Moorage', 'OperationsOverdue', { service: prefix }),
    Statistic: 'Maximum', Period: 60, EvaluationPeriods: 10, DatapointsToAlarm: 8, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  }),
  alarm('operations-held', 'Operations cannot go on by themselves: users see ERROR with a cause.', {
    ...metric('Moorage', 'OperationsHeld', { service: prefix }),
    Statistic: 'Sum', Period: 300, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  }),
  alarm('sweep-silent', 'The sweeper, which guarantees progress, has not run for ten minutes.', {
    ...metric('AWS/Lambda', 'Invocations', { FunctionName: `${prefix}-sweep` }),
    Statistic: 'Sum', Period: 300, EvaluationPeriods: 2, Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
  }),
  alarm('http-5xx', 'One request in a hundred is answered 5xx.', over(
    'IF(m1 >= 20, 100 * m0 / m1, 0)',
    ['5xx', 'Count'].map((name) => metric('AWS/ApiGateway', name, { ApiId: { Ref: 'HttpApi' } })),
    { Stat: 'Sum', Period: 300, Threshold: 1, EvaluationPeriods: 2 },
  )),
];

const email = process.env.ALARM_EMAIL;
module.exports = {
  Resources: Object.assign({
    AlarmTopic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: `${prefix}-alarms`, ...(email && { Subscription: [{ Protocol: 'email', Endpoint: email }] }) },
    },
  }, ...deadLetters, ...lateMessages, ...functionErrors, ...others),
};
