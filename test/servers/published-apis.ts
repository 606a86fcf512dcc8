// The parts of GitLab's and Brave's APIs that published servers call.
import { text } from 'node:stream/consumers';
import type { MoreApis } from '../../rehearsal/lanes/fake-apis';

export const publishedApis: MoreApis = async (url, request, create) => {
  if (url.pathname === '/gitlab/projects/7/issues') {
    const { title } = JSON.parse(await text(request)) as { title: string };
    return { status: 201, body: issue(create(title), title) };
  }
  if (url.pathname === '/brave/res/v1/news/search') {
    const q = url.searchParams.get('q')!;
    create(q);
    return { status: 200, body: { results: [{ url: 'https://example.com', title: q, description: '' }] } };
  }
  return undefined;
};

function issue(id: number, title: string): object {
  const at = '2026-11-23T00:00:00Z';
  const author = {
    id: 1,
    username: 'a',
    name: 'A',
    avatar_url: 'https://example.com',
    web_url: 'https://example.com',
  };
  return {
    ...{
      id,
      iid: id,
      project_id: 7,
      title,
      description: '',
      state: 'opened',
      author,
      assignees: [],
      labels: [],
    },
    ...{ milestone: null, created_at: at, updated_at: at, closed_at: null, web_url: 'https://example.com' },
  };
}
