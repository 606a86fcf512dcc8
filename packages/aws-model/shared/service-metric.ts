/** How services put their own metrics into CloudWatch: AWS/Lambda Errors and the like. */
export type RecordMetric = (point: {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  value: number;
  unit?: string;
}) => void;
