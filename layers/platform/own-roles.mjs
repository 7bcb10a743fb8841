// A function without grants of its own would run under a role shared by all. None does: packaging fails when one is
// added that way, and the shared role is not deployed.
export default class OwnRoles {
  constructor(serverless) {
    this.hooks = { 'before:package:finalize': () => removeSharedRole(serverless) };
  }
}

function removeSharedRole({ service, providers, classes }) {
  const without = service.getAllFunctions().filter((key) => !service.getFunction(key).iamRoleStatements);
  if (without.length > 0) throw new classes.Error(`Write iamRoleStatements, if only [], for: ${without.join(', ')}`);
  delete service.provider.compiledCloudFormationTemplate.Resources[providers.aws.naming.getRoleLogicalId()];
}
