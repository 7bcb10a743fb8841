// One function and one queue for every file here that exports a handler. The step's name is the file's in camel case; its
// queue is `<service>-<stage>-step-<name>`. All share one dead-letter queue: what a message is about stands in it.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

const timeoutS = 60;
const exportsHandler = /^export\s+(?:const|(?:async\s+)?function)\s+handler\b|^export\s*\{[^}]*\bhandler\b/m;
const needs = parse(readFileSync(join(__dirname, 'needs.yml'), 'utf8'));

const steps = readdirSync(__dirname)
  .filter((file) => file.endsWith('.ts') && exportsHandler.test(readFileSync(join(__dirname, file), 'utf8')))
  .map((file) => file.slice(0, -'.ts'.length))
  .map((noun) => ({ noun, name: noun.replace(/-(.)/g, (_, letter) => letter.toUpperCase()) }))
  .map((step) => ({ ...step, id: `Step${step.name[0].toUpperCase()}${step.name.slice(1)}` }));

const unknown = Object.keys(needs.beyond).filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) throw new Error(`functions/steps/needs.yml names steps that do not exist: ${unknown.join(', ')}`);

const arnOf = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const functionOf = ({ noun, name, id }) => ({
  handler: `functions/steps/${noun}.handler`,
  timeout: timeoutS,
  events: [{
    sqs: { arn: arnOf(`${id}Queue`), batchSize: 5, maximumConcurrency: 50, functionResponseType: 'ReportBatchItemFailures' },
  }],
  iamRoleStatements: [
    { Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: [arnOf(`${id}Queue`)] },
    ...[...needs.every, ...(needs.beyond[name] ?? [])].map((need) => `\${self:custom.may.${need}}`),
  ],
});

const queueOf = ({ name, id }) => ({
  [`${id}Queue`]: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: `\${self:service}-\${sls:stage}-step-${name}`,
      VisibilityTimeout: 6 * timeoutS,
      MessageRetentionPeriod: 4 * 86_400,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: arnOf('StepsDeadLetters'), maxReceiveCount: 5 },
    },
  },
});

const deadLetters = {
  StepsDeadLetters: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: '${self:service}-${sls:stage}-steps-dead',
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
    },
  },
};

module.exports = {
  steps,
  functions: Object.fromEntries(steps.map((step) => [`step${step.id.slice('Step'.length)}`, functionOf(step)])),
  resources: { Resources: Object.assign({}, ...steps.map(queueOf), deadLetters) },
  queueArns: steps.map((step) => arnOf(`${step.id}Queue`)),
};
