// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "FileType"))]
    pub struct FileType;

    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "SharePermission"))]
    pub struct SharePermission;

    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "StashScope"))]
    pub struct StashScope;
}

diesel::table! {
    Account (id) {
        id -> Text,
        accountId -> Text,
        providerId -> Text,
        userId -> Text,
        accessToken -> Nullable<Text>,
        refreshToken -> Nullable<Text>,
        idToken -> Nullable<Text>,
        accessTokenExpiresAt -> Nullable<Timestamp>,
        refreshTokenExpiresAt -> Nullable<Timestamp>,
        scope -> Nullable<Text>,
        password -> Nullable<Text>,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::FileType;

    File (id) {
        id -> Text,
        name -> Text,
        path -> Text,
        content -> Text,
        fileType -> FileType,
        folderId -> Nullable<Text>,
        stashId -> Text,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
        deletedAt -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::SharePermission;

    FileShare (id) {
        id -> Text,
        fileId -> Text,
        sharedWith -> Text,
        permission -> SharePermission,
        shareToken -> Text,
        expiresAt -> Nullable<Timestamp>,
        createdBy -> Text,
        createdAt -> Timestamp,
    }
}

diesel::table! {
    FileTag (id) {
        id -> Text,
        fileId -> Text,
        tagId -> Text,
        createdAt -> Timestamp,
    }
}

diesel::table! {
    FileVersion (id) {
        id -> Text,
        fileId -> Text,
        content -> Text,
        version -> Int4,
        createdBy -> Text,
        createdAt -> Timestamp,
    }
}

diesel::table! {
    Folder (id) {
        id -> Text,
        name -> Text,
        path -> Text,
        parentId -> Nullable<Text>,
        stashId -> Text,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::table! {
    Session (id) {
        id -> Text,
        token -> Text,
        expiresAt -> Timestamp,
        ipAddress -> Nullable<Text>,
        userAgent -> Nullable<Text>,
        userId -> Text,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::StashScope;

    Stash (id) {
        id -> Text,
        name -> Text,
        scope -> StashScope,
        description -> Nullable<Text>,
        userId -> Text,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::table! {
    Tag (id) {
        id -> Text,
        name -> Text,
        color -> Nullable<Text>,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::table! {
    TwoFactor (id) {
        id -> Text,
        secret -> Text,
        backupCodes -> Text,
        userId -> Text,
    }
}

diesel::table! {
    User (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        emailVerified -> Bool,
        image -> Nullable<Text>,
        twoFactorEnabled -> Nullable<Bool>,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::table! {
    Verification (id) {
        id -> Text,
        identifier -> Text,
        value -> Text,
        expiresAt -> Timestamp,
        createdAt -> Timestamp,
        updatedAt -> Timestamp,
    }
}

diesel::joinable!(Account -> User (userId));
diesel::joinable!(File -> Folder (folderId));
diesel::joinable!(File -> Stash (stashId));
diesel::joinable!(FileShare -> File (fileId));
diesel::joinable!(FileTag -> File (fileId));
diesel::joinable!(FileTag -> Tag (tagId));
diesel::joinable!(FileVersion -> File (fileId));
diesel::joinable!(Folder -> Stash (stashId));
diesel::joinable!(Session -> User (userId));
diesel::joinable!(Stash -> User (userId));
diesel::joinable!(TwoFactor -> User (userId));

diesel::allow_tables_to_appear_in_same_query!(
    Account,
    File,
    FileShare,
    FileTag,
    FileVersion,
    Folder,
    Session,
    Stash,
    Tag,
    TwoFactor,
    User,
    Verification,
);
