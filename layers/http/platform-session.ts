/** OpenStack as the platform's own user sees it. */
import { session } from '../lifecycle/sessions.ts';
import type { Session } from '../openstack/session.ts';
import { requireSettings } from '../platform/settings.ts';

/** `invocation`: what the gateway calls the request; calls carry the id that follows from it. */
export function platformSession(invocation: string): Session {
  const settings = requireSettings();
  return session(settings, { domainName: settings.serviceDomainName }, { purpose: invocation, isAtEdge: true });
}
