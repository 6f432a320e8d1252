/** The organization and its units as nodes of `polo.hierarchy_nodes` (design 2). */
import { nextVersion, sameContent, type HierarchyNode, type WholeNode } from './account.ts';
import { nodeIdOf, unitNames, type OrganizationTree } from './organization.ts';

/** The nodes that a discovery has to write: new, renamed or moved units, and those that no longer exist as inactive. */
export const unitNodeChanges = (tree: OrganizationTree, stored: HierarchyNode[], now: number): WholeNode[] => {
  const before = new Map(stored.map((node) => [node.node_id, node]));
  const at = new Date(now).toISOString();
  const wanted = [
    {
      node_id: tree.organizationId,
      node_type: 'organization' as const,
      parent_id: '',
      name: tree.organizationId,
      path: [],
    },
    ...[...tree.units.values()].map((unit) => ({
      node_id: unit.id,
      node_type: 'organizational_unit' as const,
      parent_id: nodeIdOf(unit.parentId, tree.organizationId),
      name: unit.name,
      path: unitNames(tree, unit.id) ?? [unit.name],
    })),
  ];
  const present = new Set(wanted.map((node) => node.node_id));
  const gone = stored.filter((node) => node.is_active && !present.has(node.node_id));
  return [
    ...wanted.map((node) => ({ ...node, is_active: true })),
    ...gone.map((node) => ({ ...node, path: node.path ?? [], is_active: false })),
  ]
    .map((node) => ({ ...node, updated_at: at, _version: nextVersion(now, before.get(node.node_id)?._version) }))
    .filter((node) => !sameContent(before.get(node.node_id), node));
};
