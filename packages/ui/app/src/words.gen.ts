// Generated from the English catalogue by scripts/words.py. Do not edit.

export interface Words {
  readonly app: {
    readonly conversation: string;
    readonly skip: string;
    readonly newChat: string;
    readonly note: string;
    readonly loading: string;
  };
  readonly empty: {
    readonly title: string;
    readonly hint: string;
  };
  readonly theme: {
    readonly name: {
      readonly light: string;
      readonly dark: string;
      readonly system: string;
    };
    readonly button: (values: { readonly now: string; readonly next: string }) => string;
  };
  readonly connection: {
    readonly connecting: string;
    readonly online: string;
    readonly offlineWord: string;
    readonly offline: string;
    readonly reconnecting: string;
    readonly retryIn: (values: { readonly seconds: number }) => string;
    readonly refused: string;
    readonly lost: string;
    readonly taken: string;
    readonly takeBack: string;
    readonly outdated: string;
    readonly startNew: string;
    readonly reload: string;
  };
  readonly saved: {
    readonly failing: (values: { readonly time: string }) => string;
  };
  readonly notices: {
    readonly traceback: string;
  };
  readonly toast: {
    readonly dismiss: string;
    readonly more: (values: { readonly count: number }) => string;
    readonly clear: string;
  };
  readonly composer: {
    readonly label: string;
    readonly placeholder: string;
    readonly placeholderNext: string;
    readonly send: string;
    readonly sendNext: string;
    readonly stop: string;
    readonly hint: string;
    readonly next: string;
    readonly more: (values: { readonly count: number }) => string;
    readonly remove: (values: { readonly text: string }) => string;
    readonly tooLong: (values: { readonly limit: string }) => string;
    readonly removeFailed: string;
  };
  readonly voice: {
    readonly start: string;
    readonly silence: string;
    readonly stop: string;
    readonly asking: string;
    readonly starting: string;
    readonly on: string;
    readonly elapsed: (values: { readonly time: string }) => string;
    readonly dismiss: string;
    readonly elsewhere: string;
    readonly denied: string;
    readonly missing: string;
    readonly busy: string;
    readonly insecure: string;
    readonly failed: string;
    readonly lost: string;
    readonly refused: string;
    readonly appFailed: string;
    readonly slow: string;
    readonly gone: string;
  };
  readonly usage: (values: { readonly tokens: number }) => string;
  readonly outbox: {
    readonly sending: string;
    readonly waiting: string;
    readonly failed: string;
    readonly retry: string;
    readonly discard: string;
  };
  readonly message: {
    readonly you: string;
    readonly someone: string;
    readonly assistant: (values: { readonly author: string }) => string;
    readonly system: string;
    readonly copy: string;
    readonly again: string;
    readonly copied: string;
    readonly finished: (values: { readonly text: string }) => string;
    readonly error: string;
    readonly working: string;
    readonly toBottom: string;
  };
  readonly palette: {
    readonly title: string;
    readonly placeholder: string;
    readonly commands: string;
    readonly messages: string;
    readonly elsewhere: string;
    readonly older: string;
    readonly none: (values: { readonly query: string }) => string;
    readonly stop: string;
    readonly copy: string;
    readonly again: string;
    readonly profile: (values: { readonly name: string }) => string;
    readonly exportAs: (values: { readonly format: string }) => string;
    readonly theme: (values: { readonly name: string }) => string;
    readonly notify: string;
    readonly notNotify: string;
  };
  readonly shortcuts: {
    readonly title: string;
    readonly anywhere: string;
    readonly writing: string;
    readonly reading: string;
    readonly palette: string;
    readonly newChat: string;
    readonly history: string;
    readonly compose: string;
    readonly help: string;
    readonly send: string;
    readonly line: string;
    readonly recall: string;
    readonly commands: string;
    readonly versions: string;
    readonly cancel: string;
  };
  readonly away: {
    readonly done: string;
    readonly on: string;
    readonly off: string;
    readonly denied: string;
  };
  readonly history: {
    readonly open: string;
    readonly deleted: string;
    readonly restore: string;
  };
  readonly leaving: {
    readonly title: string;
    readonly running: string;
    readonly outbox: string;
    readonly text: string;
    readonly files: string;
    readonly unsaved: string;
    readonly forgotten: string;
    readonly stay: string;
    readonly leave: string;
  };
  readonly versions: {
    readonly title: string;
    readonly back: string;
    readonly on: string;
    readonly of: string;
    readonly at: (values: { readonly at: number; readonly count: number }) => string;
  };
  readonly edit: {
    readonly title: string;
    readonly label: string;
    readonly hint: string;
    readonly copy: string;
    readonly cancel: string;
    readonly send: string;
  };
  readonly feedback: {
    readonly thumb: {
      readonly 0: string;
      readonly 1: string;
    };
    readonly thanks: string;
    readonly takenBack: string;
    readonly comment: string;
    readonly change: string;
    readonly question: {
      readonly 0: string;
      readonly 1: string;
    };
    readonly skip: string;
    readonly send: string;
  };
  readonly favourites: {
    readonly title: string;
    readonly one: string;
    readonly add: string;
    readonly remove: string;
    readonly none: string;
    readonly failed: string;
  };
  readonly exports: {
    readonly format: {
      readonly markdown: string;
      readonly html: string;
      readonly json: string;
    };
    readonly writing: string;
  };
  readonly older: {
    readonly load: string;
    readonly loading: string;
    readonly loaded: string;
    readonly failed: (values: { readonly reason: string }) => string;
    readonly retry: string;
  };
  readonly action: {
    readonly group: string;
    readonly done: string;
    readonly failed: (values: { readonly label: string }) => string;
  };
  readonly ask: {
    readonly asks: string;
    readonly placeholder: string;
    readonly send: string;
    readonly pending: {
      readonly text: string;
      readonly file: string;
      readonly action: string;
      readonly element: string;
    };
    readonly left: (values: { readonly seconds: number }) => string;
    readonly expires: (values: { readonly clock: string }) => string;
    readonly cancel: string;
    readonly timedOut: string;
    readonly cancelled: string;
    readonly chosen: (values: { readonly label: string }) => string;
    readonly submitted: string;
    readonly chooseFiles: (values: { readonly most: number }) => string;
    readonly give: string;
    readonly drop: string;
  };
  readonly upload: {
    readonly attach: string;
    readonly drop: string;
    readonly list: string;
    readonly sending: (values: { readonly name: string }) => string;
    readonly cancel: (values: { readonly name: string }) => string;
    readonly remove: (values: { readonly name: string }) => string;
    readonly failed: (values: { readonly name: string }) => string;
    readonly empty: (values: { readonly name: string }) => string;
    readonly tooLarge: (values: { readonly name: string; readonly size: string }) => string;
    readonly tooMany: (values: { readonly name: string; readonly limit: number }) => string;
    readonly more: (values: { readonly count: number }) => string;
    readonly most: (values: { readonly limit: number }) => string;
    readonly folder: (values: { readonly name: string }) => string;
    readonly missing: (values: { readonly name: string }) => string;
    readonly notAccepted: (values: { readonly name: string; readonly types: string }) => string;
    readonly wait: string;
    readonly upTo: (values: { readonly size: string }) => string;
    readonly upToEach: (values: { readonly files: number; readonly size: string }) => string;
  };
  readonly code: {
    readonly copy: string;
    readonly copied: string;
    readonly wrap: string;
    readonly noWrap: string;
    readonly plain: string;
    readonly block: (values: { readonly language: string }) => string;
    readonly save: (values: { readonly file: string }) => string;
  };
  readonly table: {
    readonly region: string;
    readonly copy: string;
    readonly copyCells: string;
    readonly save: string;
    readonly saveLabel: string;
  };
  readonly image: {
    readonly broken: string;
    readonly load: (values: { readonly host: string }) => string;
    readonly open: string;
  };
  readonly formula: {
    readonly region: string;
    readonly failed: string;
    readonly half: string;
  };
  readonly diagram: {
    readonly block: string;
    readonly alt: (values: { readonly kind: string; readonly source: string }) => string;
    readonly showSource: string;
    readonly showDiagram: string;
    readonly save: string;
    readonly copy: string;
    readonly drawing: string;
    readonly failed: string;
    readonly late: string;
  };
  readonly callout: {
    readonly note: string;
    readonly tip: string;
    readonly important: string;
    readonly warning: string;
    readonly caution: string;
  };
  readonly citation: {
    readonly label: (values: { readonly number: string; readonly title: string }) => string;
  };
  readonly footnote: {
    readonly region: string;
    readonly label: (values: { readonly number: number }) => string;
    readonly back: (values: { readonly number: number }) => string;
  };
  readonly details: {
    readonly summary: string;
  };
  readonly element: {
    readonly unnamed: string;
    readonly loading: string;
    readonly retry: string;
    readonly download: string;
    readonly downloadOf: (values: { readonly name: string }) => string;
    readonly open: string;
    readonly back: string;
    readonly content: string;
    readonly gone: string;
    readonly picture: string;
    readonly text: string;
    readonly sound: string;
    readonly film: string;
    readonly emptyText: string;
    readonly more: string;
    readonly less: string;
    readonly play: (values: { readonly name: string }) => string;
    readonly playsFrom: (values: { readonly host: string }) => string;
    readonly kinds: {
      readonly image: string;
      readonly text: string;
      readonly pdf: string;
      readonly audio: string;
      readonly video: string;
      readonly plotly: string;
      readonly dataframe: string;
      readonly tasklist: string;
      readonly file: string;
    };
    readonly openOf: (values: { readonly name: string }) => string;
    readonly unshown: {
      readonly failed: string;
      readonly unknown: string;
      readonly refused: string;
      readonly broken: string;
      readonly missing: string;
      readonly unreachable: string;
      readonly elsewhere: string;
      readonly empty: string;
    };
  };
  readonly lightbox: {
    readonly title: string;
    readonly enlarge: (values: { readonly name: string }) => string;
    readonly count: (values: { readonly at: number; readonly all: number }) => string;
    readonly larger: string;
    readonly smaller: string;
    readonly next: string;
    readonly previous: string;
  };
  readonly copilot: {
    readonly sidebar: string;
    readonly expanded: string;
    readonly width: string;
    readonly height: string;
  };
  readonly panel: {
    readonly title: string;
    readonly close: string;
    readonly reopen: (values: { readonly title: string }) => string;
    readonly resize: string;
    readonly tabs: string;
    readonly page: (values: { readonly name: string }) => string;
    readonly empty: string;
    readonly show: string;
  };
  readonly tasks: {
    readonly title: string;
    readonly none: string;
    readonly progress: (values: { readonly done: number; readonly all: number }) => string;
    readonly statuses: {
      readonly ready: string;
      readonly running: string;
      readonly failed: string;
      readonly done: string;
    };
  };
  readonly json: {
    readonly raw: string;
    readonly search: string;
    readonly hits: (values: { readonly at: number; readonly count: string }) => string;
    readonly more: (values: { readonly left: number; readonly size: number }) => string;
    readonly items: (values: { readonly count: number }) => string;
    readonly keys: (values: { readonly count: number }) => string;
    readonly copyPath: string;
    readonly copyValue: string;
    readonly noHits: string;
  };
  readonly generation: {
    readonly title: string;
    readonly model: string;
    readonly tokensIn: string;
    readonly tokensOut: string;
    readonly tokensAll: string;
    readonly firstToken: string;
    readonly duration: string;
    readonly speed: string;
    readonly cost: string;
    readonly perSecond: (values: { readonly count: string }) => string;
    readonly settings: string;
    readonly variables: string;
    readonly metadata: string;
    readonly tools: string;
    readonly messages: string;
    readonly completion: string;
    readonly prompt: string;
    readonly toolCalls: string;
    readonly functionCall: string;
    readonly content: string;
    readonly empty: string;
    readonly message: string;
  };
  readonly steps: {
    readonly working: string;
    readonly worked: (values: { readonly count: number }) => string;
    readonly failed: (values: { readonly count: number }) => string;
    readonly input: string;
    readonly output: string;
    readonly error: string;
    readonly none: string;
    readonly nothingYet: string;
    readonly showAll: (values: { readonly size: string }) => string;
    readonly showLess: string;
    readonly expandAll: string;
    readonly collapseAll: string;
    readonly tokens: (values: { readonly count: number }) => string;
    readonly status: {
      readonly running: string;
      readonly done: string;
      readonly failed: string;
      readonly stopped: string;
    };
    readonly unnamed: string;
    readonly copyOf: {
      readonly input: string;
      readonly output: string;
      readonly error: string;
    };
  };
  readonly trace: {
    readonly open: string;
    readonly title: string;
    readonly steps: string;
    readonly step: string;
    readonly timeline: string;
    readonly search: string;
    readonly shown: (values: { readonly shown: number; readonly count: number }) => string;
    readonly type: string;
    readonly status: string;
    readonly anyType: string;
    readonly anyStatus: string;
    readonly errors: (values: { readonly count: number }) => string;
    readonly nextError: (values: { readonly at: number; readonly count: number }) => string;
    readonly copy: string;
    readonly copyStep: string;
    readonly compare: string;
    readonly notCompared: string;
    readonly compared: string;
    readonly thisRun: string;
    readonly otherRun: string;
    readonly onlyThis: string;
    readonly onlyOther: string;
    readonly differs: (values: { readonly what: string }) => string;
    readonly missing: string;
    readonly count: (values: { readonly count: number }) => string;
    readonly started: string;
    readonly tags: string;
    readonly details: string;
    readonly empty: string;
    readonly noMatches: string;
    readonly types: {
      readonly run: string;
      readonly tool: string;
      readonly embedding: string;
      readonly retrieval: string;
      readonly rerank: string;
      readonly answer: string;
    };
  };
  readonly run: {
    readonly failed: string;
    readonly quote: (values: { readonly id: string }) => string;
    readonly stopped: string;
    readonly interrupted: string;
    readonly again: string;
  };
  readonly duration: {
    readonly seconds: (values: { readonly value: string }) => string;
    readonly minutes: (values: { readonly minutes: number; readonly seconds: number }) => string;
    readonly hours: (values: { readonly hours: number; readonly minutes: number }) => string;
  };
  readonly custom: {
    readonly title: (values: { readonly name: string }) => string;
    readonly broken: string;
    readonly missing: (values: { readonly name: string }) => string;
    readonly problem: {
      readonly compile: (values: { readonly name: string }) => string;
      readonly import: (values: { readonly name: string }) => string;
      readonly run: (values: { readonly name: string }) => string;
      readonly later: (values: { readonly name: string }) => string;
    };
    readonly silent: string;
    readonly wentAway: string;
    readonly unreachable: string;
    readonly unreadable: string;
    readonly tooOften: string;
    readonly notAsked: string;
    readonly ended: string;
  };
  readonly dialog: {
    readonly close: string;
  };
  readonly profile: {
    readonly title: string;
    readonly leave: string;
  };
  readonly starters: {
    readonly title: string;
    readonly categories: string;
    readonly hint: string;
  };
  readonly commands: {
    readonly title: string;
    readonly remove: (values: { readonly name: string }) => string;
  };
  readonly readme: {
    readonly title: string;
  };
  readonly keys: {
    readonly title: string;
    readonly intro: string;
    readonly keptInTab: string;
    readonly keptInBrowser: string;
    readonly save: string;
  };
  readonly header: {
    readonly more: string;
  };
  readonly account: {
    readonly in: string;
    readonly of: (values: { readonly name: string }) => string;
  };
  readonly share: {
    readonly button: string;
    readonly shared: string;
  };
  readonly settings: {
    readonly title: string;
    readonly confirm: string;
    readonly cancel: string;
    readonly reset: string;
    readonly none: string;
    readonly choose: string;
    readonly number: string;
    readonly range: (values: { readonly min: number; readonly max: number }) => string;
    readonly exactly: (values: { readonly label: string }) => string;
    readonly date: string;
    readonly from: (values: { readonly day: string }) => string;
    readonly until: (values: { readonly day: string }) => string;
    readonly order: string;
    readonly firstDay: string;
    readonly lastDay: string;
    readonly addTag: string;
    readonly removeTag: (values: { readonly tag: string }) => string;
    readonly wrong: string;
    readonly outOfRange: string;
  };
  readonly mcp: {
    readonly title: string;
    readonly connect: string;
    readonly disconnect: string;
    readonly tools: string;
    readonly resources: string;
    readonly prompts: string;
    readonly asks: string;
    readonly none: string;
    readonly needsSignIn: string;
    readonly signIn: string;
    readonly own: string;
    readonly add: string;
    readonly address: string;
    readonly transport: string;
    readonly trust: string;
    readonly reasons: {
      readonly notStarted: string;
      readonly unreachable: string;
      readonly refused: string;
      readonly notAllowed: string;
      readonly timedOut: string;
      readonly lost: string;
      readonly unknown: string;
      readonly signedOut: string;
      readonly denied: string;
    };
    readonly ask: {
      readonly use: (values: { readonly tool: string; readonly server: string }) => string;
      readonly once: string;
      readonly always: string;
      readonly deny: string;
      readonly decline: string;
      readonly leaveOut: string;
      readonly visited: string;
      readonly yes: string;
      readonly no: string;
      readonly dash: string;
      readonly noInteger: string;
      readonly noNumber: string;
      readonly least: (values: { readonly least: string }) => string;
      readonly most: (values: { readonly most: string }) => string;
      readonly short: (values: { readonly least: string }) => string;
      readonly long: (values: { readonly most: string }) => string;
      readonly unknown: (values: { readonly value: string; readonly allowed: string }) => string;
      readonly format: (values: { readonly example: string }) => string;
    };
  };
  readonly crash: {
    readonly title: string;
    readonly text: string;
    readonly reload: string;
    readonly details: string;
  };
  readonly chats: {
    readonly title: string;
    readonly close: string;
    readonly search: string;
    readonly searchTitles: string;
    readonly clear: string;
    readonly groups: {
      readonly pinned: string;
      readonly today: string;
      readonly yesterday: string;
      readonly week: string;
      readonly month: string;
    };
    readonly unnamed: string;
    readonly running: string;
    readonly options: (values: { readonly name: string }) => string;
    readonly rename: string;
    readonly renameLabel: string;
    readonly pin: string;
    readonly unpin: string;
    readonly share: string;
    readonly shared: string;
    readonly exportAs: string;
    readonly exportLabel: (values: { readonly name: string }) => string;
    readonly delete: string;
    readonly loading: string;
    readonly empty: string;
    readonly emptyHint: string;
    readonly failed: string;
    readonly offline: string;
    readonly retry: string;
    readonly moreFailed: string;
    readonly searching: string;
    readonly found: (values: { readonly count: number }) => string;
    readonly none: (values: { readonly query: string }) => string;
    readonly searchFailed: string;
    readonly more: string;
    readonly deleted: (values: { readonly name: string }) => string;
    readonly undo: string;
    readonly tooLate: string;
    readonly foundMore: (values: { readonly count: number }) => string;
  };
  readonly signIn: {
    readonly account: string;
    readonly in: string;
    readonly out: string;
    readonly everywhere: string;
    readonly retry: string;
    readonly devices: {
      readonly title: string;
      readonly here: string;
      readonly unknown: string;
      readonly embedded: (values: { readonly page: string }) => string;
      readonly seen: (values: { readonly moment: string }) => string;
      readonly end: (values: { readonly name: string }) => string;
      readonly endShort: string;
      readonly embeddedChat: string;
    };
    readonly tokens: {
      readonly title: string;
      readonly hint: string;
      readonly label: string;
      readonly days: string;
      readonly forGood: string;
      readonly inDays: (values: { readonly days: number }) => string;
      readonly make: string;
      readonly made: string;
      readonly copy: string;
      readonly copied: string;
      readonly none: string;
      readonly madeAt: (values: { readonly moment: string }) => string;
      readonly until: (values: { readonly moment: string }) => string;
      readonly end: (values: { readonly name: string }) => string;
      readonly endShort: string;
    };
    readonly title: (values: { readonly app: string }) => string;
    readonly name: string;
    readonly password: string;
    readonly show: string;
    readonly hide: string;
    readonly submit: string;
    readonly busy: string;
    readonly with: (values: { readonly provider: string }) => string;
    readonly or: string;
    readonly signedOut: string;
    readonly closed: string;
    readonly wait: (values: { readonly seconds: number }) => string;
    readonly problems: {
      readonly denied: string;
      readonly state: string;
      readonly expired: string;
      readonly "provider-down": string;
      readonly "provider-invalid": string;
      readonly unavailable: string;
      readonly "not-allowed": string;
      readonly "in-use": string;
      readonly other: string;
    };
  };
  readonly sharing: {
    readonly title: string;
    readonly intro: string;
    readonly kinds: string;
    readonly kind: {
      readonly snapshot: string;
      readonly live: string;
    };
    readonly hint: {
      readonly snapshot: string;
      readonly live: string;
    };
    readonly create: string;
    readonly creating: string;
    readonly link: string;
    readonly links: string;
    readonly none: string;
    readonly loading: string;
    readonly made: (values: { readonly moment: string }) => string;
    readonly copy: string;
    readonly copied: string;
    readonly open: string;
    readonly revoke: string;
    readonly revokeOf: (values: { readonly kind: string; readonly moment: string }) => string;
    readonly revoked: string;
    readonly retry: string;
    readonly readOnly: string;
    readonly badge: {
      readonly snapshot: (values: { readonly day: string }) => string;
      readonly live: string;
    };
    readonly note: string;
    readonly begin: string;
    readonly endedTitle: string;
    readonly ended: string;
    readonly missingTitle: string;
    readonly missing: string;
    readonly offTitle: string;
    readonly refusedTitle: string;
    readonly toApp: (values: { readonly name: string }) => string;
  };
  readonly viewers: {
    readonly pdf: {
      readonly document: string;
      readonly pages: (values: { readonly name: string }) => string;
      readonly page: string;
      readonly pageOf: (values: { readonly page: number; readonly pages: number }) => string;
      readonly of: (values: { readonly pages: number }) => string;
      readonly before: string;
      readonly after: string;
      readonly enlarge: string;
      readonly reduce: string;
      readonly fit: string;
      readonly search: string;
      readonly words: string;
      readonly searchBefore: string;
      readonly searchAfter: string;
      readonly searchEnd: string;
      readonly found: (values: { readonly current: number; readonly total: number }) => string;
      readonly searching: string;
      readonly notFound: string;
      readonly download: string;
      readonly locked: string;
      readonly lockedHint: string;
      readonly password: string;
      readonly wrong: string;
      readonly unlock: string;
      readonly broken: string;
      readonly brokenHint: string;
    };
    readonly plotly: {
      readonly figure: string;
      readonly drawing: (values: { readonly title: string }) => string;
      readonly data: string;
      readonly series: (values: { readonly name: string; readonly values: number }) => string;
      readonly first: (values: { readonly rows: number }) => string;
    };
    readonly dataframe: {
      readonly table: string;
      readonly search: string;
      readonly filters: string;
      readonly filterOf: (values: { readonly column: string }) => string;
      readonly filterText: string;
      readonly filterOrder: string;
      readonly filterBoolean: string;
      readonly save: string;
      readonly copy: string;
      readonly copied: string;
      readonly index: string;
      readonly coming: (values: { readonly rows: number; readonly total: number }) => string;
      readonly working: string;
      readonly size: (values: { readonly rows: number; readonly columns: number }) => string;
      readonly shown: (values: { readonly rows: number; readonly total: number }) => string;
      readonly selected: (values: { readonly rows: number; readonly columns: number }) => string;
      readonly none: string;
      readonly empty: string;
      readonly clear: string;
      readonly whole: string;
      readonly missing: string;
      readonly file: string;
    };
  };
  readonly language: {
    readonly title: string;
    readonly choose: (values: { readonly name: string }) => string;
  };
  readonly page: {
    readonly noscript: string;
  };
  readonly errors: {
    readonly commands: string;
    readonly requests: string;
    readonly sound: string;
    readonly network: string;
    readonly networkConnections: (values: { readonly limit: number }) => string;
    readonly connections: (values: { readonly limit: number }) => string;
    readonly chats: (values: { readonly limit: number }) => string;
    readonly microphoneOff: string;
    readonly microphoneOn: string;
    readonly talksElsewhere: string;
    readonly stillListening: string;
    readonly slowApp: string;
    readonly version: (values: { readonly version: number }) => string;
    readonly starting: string;
    readonly stopping: string;
    readonly closing: string;
    readonly server: (values: { readonly id: string }) => string;
    readonly app: string;
    readonly unreachable: string;
    readonly thread: string;
    readonly message: string;
    readonly question: string;
    readonly file: string;
    readonly fileGone: string;
    readonly filesDown: string;
    readonly historyDown: string;
    readonly noHistory: string;
    readonly ended: string;
    readonly deleted: string;
    readonly readOnly: string;
    readonly env: (values: { readonly env: string }) => string;
    readonly command: (values: { readonly command: string }) => string;
    readonly profile: (values: { readonly profile: string; readonly offered: string }) => string;
    readonly empty: string;
    readonly longMessage: (values: { readonly limit: number; readonly size: number }) => string;
    readonly longName: (values: { readonly limit: number }) => string;
    readonly full: string;
    readonly busy: string;
    readonly answers: (values: { readonly limit: number }) => string;
    readonly unsaved: string;
    readonly notWaiting: string;
    readonly closed: string;
    readonly button: string;
    readonly late: string;
    readonly answered: string;
    readonly cancelled: string;
    readonly notAsked: string;
    readonly noSharing: string;
    readonly nothingToShare: string;
    readonly unshared: string;
    readonly links: (values: { readonly limit: number }) => string;
    readonly unsavedChat: string;
    readonly noFiles: string;
    readonly manyFiles: string;
    readonly mostFiles: (values: { readonly limit: number }) => string;
    readonly longFile: (values: { readonly megabytes: number }) => string;
    readonly emptyFile: (values: { readonly name: string }) => string;
    readonly wrongFile: (values: { readonly name: string; readonly mime: string; readonly accept: string }) => string;
    readonly badFile: (values: { readonly name: string }) => string;
    readonly filesUnkept: string;
    readonly fileLost: string;
    readonly fileCut: string;
    readonly waitingFiles: (values: { readonly megabytes: number }) => string;
    readonly dailyFiles: (values: { readonly megabytes: number }) => string;
    readonly tokens: (values: { readonly limit: number }) => string;
    readonly signIn: string;
    readonly unknown: string;
    readonly unknownPage: string;
    readonly signedOut: string;
    readonly password: string;
    readonly nameTaken: string;
    readonly manyLogins: string;
    readonly failedLogins: string;
    readonly loginBroken: string;
    readonly loginDown: string;
    readonly identityDown: string;
    readonly noMcpServers: string;
    readonly mcpAddress: string;
    readonly mcpNotAllowed: (values: { readonly allowed: string }) => string;
    readonly mcpMost: (values: { readonly limit: number }) => string;
  };
  readonly document: {
    readonly you: string;
    readonly step: string;
    readonly chat: string;
    readonly failed: string;
    readonly exported: (values: { readonly moment: string }) => string;
    readonly moment: (values: { readonly year: string; readonly month: string; readonly day: string; readonly hour: string; readonly minute: string }) => string;
    readonly bytes: (values: { readonly count: string }) => string;
    readonly ending: {
      readonly failed: string;
      readonly stopped: string;
      readonly interrupted: string;
      readonly running: string;
    };
  };
}
