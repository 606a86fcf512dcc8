// Mailboxes of teams in the configuration: whose they may be, and what is told of a wrong one.
import { mailboxesOf } from '../../../../lib/config/config';
import { type Change, problemsAfter, type Rule } from '../../support/broken-config';

const told =
  (teams: unknown): Change =>
  keys =>
    Object.assign(keys.environments.prod!, { notify: { emails: ['oncall@example.com'], teams } });
const mailbox = (...emails: string[]) => ({ emails });

const rules: Rule[] = [
  [
    'teams that are no object',
    told('support'),
    'prod: notify.teams "support" must be an object; write it like { support: { emails: [\'support@example.com\'] } }',
  ],
  [
    'a team that owns no server',
    told({ suport: mailbox('s@example.com') }),
    'prod: notify.teams "suport" owns no server; use "support"',
  ],
  [
    'a team without addresses',
    told({ support: mailbox() }),
    'prod: notify.teams.support.emails [] is empty; add an address, or leave the team out',
  ],
  [
    'an address that is none',
    told({ support: mailbox('support') }),
    'prod: notify.teams.support.emails[0] "support" is not an e-mail address; write it like oncall@example.com',
  ],
  [
    'an address that gets every message already',
    told({ support: mailbox('oncall@example.com') }),
    'prod: notify.teams names "oncall@example.com", which already gets every message, as one of notify.emails; remove it from one of them',
  ],
];

test.each(rules)('%s is refused, with the place and the fix', (_, change, ...says) => {
  expect(problemsAfter(change)).toEqual(says);
});

test("a team's mailbox is taken, and an address of two teams is one mailbox", () => {
  expect(problemsAfter(told({ support: mailbox('s@example.com') }))).toEqual([]);
  const teams = {
    support: mailbox('lead@example.com', 's@example.com'),
    search: mailbox('lead@example.com'),
  };
  expect(mailboxesOf({ notify: { emails: ['oncall@example.com'], teams } })).toEqual({
    emails: ['oncall@example.com'],
    ofTeams: ['lead@example.com', 's@example.com'],
  });
});
