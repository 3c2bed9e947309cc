/** The site may stand below a path of its host; every address is made here. */

const { BASE_URL } = import.meta.env;

export const homeUrl = BASE_URL.endsWith('/') ? BASE_URL : `${BASE_URL}/`;
export const lessonUrl = (slug: string): string => `${homeUrl}lessons/${slug}/`;
export const benchUrl = `${homeUrl}bench/`;
