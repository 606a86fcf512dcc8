// Lambda's REST API on the wire: which method and path is which operation, with what in its path.
import { type Protocol, type RestRoute, readRest } from '../wire/protocol';

export interface LambdaAnswer {
  status: number;
  functionError?: string;
  payload?: unknown;
}

const routes: RestRoute[] = [
  ['ListFunctions', 'GET', /^\/2015-03-31\/functions\/?$/],
  ['Invoke', 'POST', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/invocations$/],
  ['InvokeAsync', 'POST', /^\/2014-11-13\/functions\/(?<FunctionName>[^/]+)\/invoke-async$/],
  ['AddPermission', 'POST', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/policy$/],
  ['PutResourcePolicy', 'PUT', /^\/2026-07-09\/resource-policy\/(?<ResourceArn>[^/]+)$/],
  ['DeleteResourcePolicy', 'DELETE', /^\/2026-07-09\/resource-policy\/(?<ResourceArn>[^/]+)$/],
  ['PublishVersion', 'POST', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/versions$/],
  ['CreateAlias', 'POST', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/aliases$/],
  ['GetAlias', 'GET', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/aliases\/(?<Name>[^/]+)$/],
  ['UpdateAlias', 'PUT', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/aliases\/(?<Name>[^/]+)$/],
  ['UpdateFunctionCode', 'PUT', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/code$/],
  ['GetFunctionConfiguration', 'GET', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/],
  ['UpdateFunctionConfiguration', 'PUT', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/],
  ['CreateFunctionUrlConfig', 'POST', /^\/2021-10-31\/functions\/(?<FunctionName>[^/]+)\/url$/],
  [
    'PutFunctionEventInvokeConfig',
    'PUT',
    /^\/2019-09-25\/functions\/(?<FunctionName>[^/]+)\/event-invoke-config$/,
  ],
  ['PutFunctionConcurrency', 'PUT', /^\/2017-10-31\/functions\/(?<FunctionName>[^/]+)\/concurrency$/],
  ['DeleteFunction', 'DELETE', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)$/],
];

export const lambdaRest: Protocol = {
  read(request) {
    const { operation, params, written } = readRest(routes, request);
    if (operation !== 'Invoke') return { operation, params: { ...params, ...written } };
    const { headers } = request;
    return {
      operation,
      params: {
        ...params,
        ...(headers['x-amz-invocation-type'] && { InvocationType: headers['x-amz-invocation-type'] }),
        ...(headers['x-amz-log-type'] && { LogType: headers['x-amz-log-type'] }),
        ...(written !== undefined && { Payload: written }),
      },
    };
  },
  answer(_operation, result, requestId) {
    const { status, functionError, payload } = result as LambdaAnswer;
    return {
      status,
      headers: {
        'x-amzn-requestid': requestId,
        'x-amz-executed-version': '$LATEST',
        ...(functionError && { 'x-amz-function-error': functionError }),
      },
      body: payload === undefined ? '' : JSON.stringify(payload),
    };
  },
  error: (error, requestId) => ({
    status: error.code === 'AccessDeniedException' ? 403 : error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ Type: error.status < 500 ? 'User' : 'Service', Message: error.message }),
  }),
};
