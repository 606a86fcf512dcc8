// Whether N data points make an alarm, some of them missing: the rules of CloudWatch, without time or I/O.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export interface Evaluation {
  /** The points of the evaluation range, oldest first: does it breach, or is it `undefined`, missing? */
  breaching: readonly (boolean | undefined)[];
  /** N */
  evaluationPeriods: number;
  /** M */
  datapointsToAlarm: number;
  treatMissingData: MissingData;
  state: AlarmState;
}

export function evaluateAlarm(evaluation: Evaluation): AlarmState {
  const { breaching, evaluationPeriods, datapointsToAlarm, treatMissingData, state } = evaluation;
  const real = breaching.filter(point => point !== undefined);
  const alarmIf = (isAlarm: boolean): AlarmState => (isAlarm ? 'ALARM' : 'OK');
  // With enough real points, how missing ones are treated plays no part.
  const used = real.slice(-evaluationPeriods);
  const breaches = used.filter(point => point).length;
  if (used.length === evaluationPeriods || breaches >= datapointsToAlarm)
    return alarmIf(breaches >= datapointsToAlarm);
  const padding = evaluationPeriods - used.length;
  const allBreach = breaches === used.length;
  switch (treatMissingData) {
    case 'breaching':
      return alarmIf(breaches + padding >= datapointsToAlarm);
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return allBreach ? state : 'OK';
    case 'missing':
      if (real.length === 0) return 'INSUFFICIENT_DATA';
      return alarmIf(allBreach && ageOfOldest(breaching) >= datapointsToAlarm);
  }
}

/** In periods. Data that comes and goes makes an alarm once its oldest point has waited for M periods to be contradicted. */
function ageOfOldest(points: Evaluation['breaching']): number {
  return points.length - points.findIndex(point => point !== undefined);
}
