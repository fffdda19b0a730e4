// The parts of a page that the client uses; hosts without pages have none of them.

declare const document:
  | undefined
  | {
      readonly cookie: string;
      readonly visibilityState: string;
      addEventListener(type: string, listener: () => void): void;
      removeEventListener(type: string, listener: () => void): void;
    };
