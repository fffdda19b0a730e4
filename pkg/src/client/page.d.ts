// The parts of a page that the client uses; hosts without pages lack them.

declare var document:
  | undefined
  | {
      cookie: string;
      readonly visibilityState: string;
    };
