// Scopes that a SendGrid key can get: those of https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys, and those that
// `GET /v3/scopes` lists for accounts, without those that SendGrid sets by itself (such as 2fa_required).

const withEveryVerb = `
  access_settings.whitelist alerts api_keys asm.groups asm.groups.suppressions asm.suppressions.global billing categories
  credentials design_library ips ips.pools ips.pools.ips ips.warmup mail.batch mail_settings.address_whitelist
  mail_settings.bcc mail_settings.bounce_purge mail_settings.footer mail_settings.forward_bounce mail_settings.forward_spam
  mail_settings.plain_content mail_settings.spam_check mail_settings.template marketing_campaigns newsletter
  partner_settings.new_relic partner_settings.sendwithus sso.settings subusers subusers.credits
  subusers.credits.remaining subusers.monitor suppression suppression.blocks suppression.bounces
  suppression.invalid_emails suppression.spam_reports suppression.unsubscribes teammates templates templates.versions
  templates.versions.activate tracking_settings.click tracking_settings.google_analytics tracking_settings.open
  tracking_settings.subscription user.email user.multifactor_authentication user.profile user.scheduled_sends
  user.timezone user.webhooks.event.settings user.webhooks.event.test user.webhooks.parse.settings whitelabel`;

const toRead = `
  access_settings.activity browsers.stats categories.stats categories.stats.sums clients.desktop.stats
  clients.phone.stats clients.stats clients.tablet.stats clients.webmail.stats devices.stats
  di.bounce_block_classification email_activity email_testing geo.stats ips.assigned mail_settings
  mailbox_providers.stats marketing marketing.automation messages partner_settings recipients.erasejob stats
  stats.global subusers.reputations subusers.stats subusers.stats.monthly subusers.stats.sums subusers.summary
  tracking_settings user.account user.credits user.password user.settings.enforced_tls user.username
  user.webhooks.parse.stats validations.email`;

const others = `
  email_testing.write mail.send recipients.erasejob.create sso.teammates.create sso.teammates.update
  user.password.update user.settings.enforced_tls.update user.username.update validations.email.create`;

const words = (text: string) => text.trim().split(/\s+/);
const verbs = ['create', 'delete', 'read', 'update'];

export const sendgridScopes: readonly string[] = [
  ...words(withEveryVerb).flatMap(area => verbs.map(verb => `${area}.${verb}`)),
  ...words(toRead).map(area => `${area}.read`),
  ...words(others),
].sort();
