-- Loses every user, session and account.
DROP TABLE "TwoFactor";
DROP TABLE "Verification";
DROP TABLE "Account";
DROP TABLE "Session";
DROP TABLE "User";
