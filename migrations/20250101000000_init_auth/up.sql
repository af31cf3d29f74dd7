-- Who may sign in, and how. Names are quoted CamelCase because a Prisma client talks to these tables;
-- "updatedAt" has no default for the same reason: the client writes it.

CREATE TABLE "User" (
  "id"               TEXT PRIMARY KEY,
  "name"             TEXT NOT NULL,
  "email"            TEXT NOT NULL,
  "emailVerified"    BOOLEAN NOT NULL DEFAULT false,
  "image"            TEXT,
  "twoFactorEnabled" BOOLEAN DEFAULT false,
  "createdAt"        TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"        TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");

CREATE TABLE "Session" (
  "id"        TEXT PRIMARY KEY,
  "token"     TEXT NOT NULL,
  "expiresAt" TIMESTAMP(3) NOT NULL,
  "ipAddress" TEXT,
  "userAgent" TEXT,
  "userId"    TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Session_token_key" ON "Session" ("token");
CREATE INDEX "Session_userId_idx" ON "Session" ("userId");

CREATE TABLE "Account" (
  "id"                    TEXT PRIMARY KEY,
  "accountId"             TEXT NOT NULL,
  "providerId"            TEXT NOT NULL, -- 'google', 'github', ...
  "userId"                TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "accessToken"           TEXT,
  "refreshToken"          TEXT,
  "idToken"               TEXT,
  "accessTokenExpiresAt"  TIMESTAMP(3),
  "refreshTokenExpiresAt" TIMESTAMP(3),
  "scope"                 TEXT,
  "password"              TEXT, -- hash, for sign-in by e-mail and password
  "createdAt"             TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"             TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Account_providerId_accountId_key" ON "Account" ("providerId", "accountId");
CREATE INDEX "Account_userId_idx" ON "Account" ("userId");

CREATE TABLE "Verification" (
  "id"         TEXT PRIMARY KEY,
  "identifier" TEXT NOT NULL, -- e-mail or user id
  "value"      TEXT NOT NULL, -- verification code
  "expiresAt"  TIMESTAMP(3) NOT NULL,
  "createdAt"  TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"  TIMESTAMP(3) NOT NULL
);
CREATE INDEX "Verification_identifier_idx" ON "Verification" ("identifier");

CREATE TABLE "TwoFactor" (
  "id"          TEXT PRIMARY KEY,
  "secret"      TEXT NOT NULL, -- TOTP secret, encrypted by the application
  "backupCodes" TEXT NOT NULL, -- hashed
  "userId"      TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "TwoFactor_userId_idx" ON "TwoFactor" ("userId");
