/** OpenStack as the platform's own user sees it. */
import { session } from '../lifecycle/sessions.ts';
import type { Session } from '../openstack/session.ts';
import { requireSettings } from '../platform/settings.ts';

export function platformSession(requestId: string): Session {
  const settings = requireSettings();
  return session(settings, { domainName: settings.serviceDomainName }, requestId);
}
