/** The Magnum API but for certificates: clusters, node groups and templates of both generations, and the rest of it. */
import { magnumApi } from '../../../layers/magnum/api.ts';
import { resizeCluster, updateCluster, upgradeCluster } from '../../../layers/magnum/change-cluster.ts';
import { createCluster } from '../../../layers/magnum/create-cluster.ts';
import { createNodeGroup } from '../../../layers/magnum/create-node-group.ts';
import { rotateCredential } from '../../../layers/magnum/credentials.ts';
import { apiVersion, apiVersions } from '../../../layers/magnum/discovery.ts';
import { detailClusters, listClusters } from '../../../layers/magnum/list-clusters.ts';
import { deleteNodeGroup, getNodeGroup, listNodeGroups, updateNodeGroup } from '../../../layers/magnum/node-groups.ts';
import { getCluster, deleteCluster } from '../../../layers/magnum/one-cluster.ts';
import { toMagnum } from '../../../layers/magnum/pass-on.ts';
import { startCluster, stopCluster } from '../../../layers/magnum/power-actions.ts';
import { getQuota, listQuotas } from '../../../layers/magnum/quotas.ts';
import { createTemplate, deleteTemplate, getTemplate, listAllTemplates, updateTemplate } from '../../../layers/magnum/serve-templates.ts';
import { services } from '../../../layers/magnum/services.ts';
import { stats } from '../../../layers/magnum/stats.ts';

export const handler = magnumApi({
  magnumVersions: apiVersions,
  magnumVersion: apiVersion,
  magnumListClusters: listClusters,
  magnumDetailClusters: detailClusters,
  magnumCreateCluster: createCluster,
  magnumGetCluster: getCluster,
  magnumUpdateCluster: updateCluster,
  magnumDeleteCluster: deleteCluster,
  magnumResizeCluster: resizeCluster,
  magnumUpgradeCluster: upgradeCluster,
  magnumStopCluster: stopCluster,
  magnumStartCluster: startCluster,
  magnumListNodeGroups: listNodeGroups,
  magnumCreateNodeGroup: createNodeGroup,
  magnumGetNodeGroup: getNodeGroup,
  magnumUpdateNodeGroup: updateNodeGroup,
  magnumDeleteNodeGroup: deleteNodeGroup,
  magnumListTemplates: listAllTemplates,
  magnumDetailTemplates: listAllTemplates,
  magnumCreateTemplate: createTemplate,
  magnumGetTemplate: getTemplate,
  magnumUpdateTemplate: updateTemplate,
  magnumDeleteTemplate: deleteTemplate,
  magnumRotateCredential: rotateCredential,
  magnumListQuotas: listQuotas,
  magnumGetQuota: getQuota,
  magnumStats: stats,
  magnumServices: services,
}, (request) => toMagnum(request));
