import { shortName } from '../../core/key/key-address';
import { inRunbook } from '../../core/notices/notice';
import { oneLine, wrapped } from '../../core/text/safe-text';
import { stepLines } from '../../core/text/step';
import { keysOf } from '../../lib/config/config';
import { connect } from '../aws/aws';
import { loadConfig } from '../config/load-config';
import { type EnvironmentChoice, findKey, selectEnvironment } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { count } from '../terminal/table';
import { utc } from '../terminal/time-format';
import type { LikelyCause } from '../why/cause';
import { causesOf } from '../why/causes';
import { gather, lookedBackDays, type NotLooked } from '../why/evidence';
import { worstProblem } from '../why/worst-problem';

export interface WhyFlags extends CommonFlags, EnvironmentChoice {
  name?: string;
}

/** Why a key fails, or the one that fails worst: causes, what was seen, and what to do. Reads no value. */
export const why: Command<WhyFlags> = async (flags, context) => {
  const { name } = flags;
  const config = await loadConfig(flags.config);
  const environment = selectEnvironment(config, flags, name ? [name] : []);
  const asked = name === undefined ? undefined : findKey(environment, name);
  const aws = await connect(environment);
  const now = context.clock.now();
  const worst = asked ? undefined : await worstProblem(aws, config.environments, now);
  const key = asked ?? keysOf(environment).find(({ address }) => shortName(address) === worst?.key);
  const found = key && (await gather(aws, key, config.environments, now));
  const causes = (found ? causesOf(found) : []).map(cause => inRunbook(cause, environment.notify.runbook));
  const facts = {
    environment: environment.name,
    key: key ? shortName(key.address) : null,
    state: found?.status?.state ?? null,
    causes,
    others: worst?.others ?? [],
    notLooked: found?.notLooked ?? [],
    lookedBackDays,
  };
  print(context, flags, facts, inWords(facts));
  return causes.length || facts.others.length ? exitCode.attention : exitCode.done;
};

interface WhyFacts {
  environment: string;
  key: string | null;
  state: string | null;
  causes: LikelyCause[];
  others: { key: string; text: string }[];
  notLooked: NotLooked[];
}

function inWords({ environment, key, state, causes, others, notLooked }: WhyFacts): string {
  const head = causes.length
    ? `${key}: ${count(causes.length, 'cause')}\n`
    : key
      ? `${key}: no problem was found; its state is ${state ?? 'not known'}\n`
      : `${environment}: no problem was found\n`;
  return [
    head,
    ...causes.map(causeInWords),
    others.length ? `\nAlso in ${environment}:\n` : '',
    ...others.map(({ key, text }) => `  ${key}: ${oneLine(text)}\n`),
    ...notLooked.map(({ what, why }) => `Not looked at: ${what}: ${oneLine(why)}\n`),
  ].join('');
}

function causeInWords({ says, evidence, next, runbook }: LikelyCause): string {
  const seen = evidence.map(
    ({ at, source, text }) => `    ${at ? `${utc(at)} ` : ''}${source}: ${oneLine(text)}\n`,
  );
  const steps = next.flatMap(stepLines).map(line => `${line}\n`);
  return `\n${wrapped(says, 100)}\n${seen.join('')}${steps.join('')}  - Read ${runbook}\n`;
}
