//! The kinds of operations, how often each comes up, and which belong to what a test is about.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Action {
    AddSchema,
    AddEnum,
    AddComposite,
    AddDomain,
    AddRange,
    AddCollation,
    AddSequence,
    AddTable,
    AddPartitioned,
    AddPartition,
    AddChild,
    AddForeignTable,
    AddMapping,
    AddView,
    AddMaterialized,
    AddFunction,
    AddRowFunction,
    AddProcedure,
    AddAggregate,
    AddKey,
    AddForeignKey,
    AddCheck,
    AddExclusion,
    AddIndex,
    AddTrigger,
    AddPolicy,
    AddRule,
    AddStatistics,
    AddPublication,
    AddEventTrigger,
    AddCast,
    AddOperator,
    AddDefaultRights,
    AddColumn,
    AddSerial,
    Comment,
    CommentColumn,
    Grant,
    GrantColumn,
    Drop,
    Rename,
    RenameColumn,
    SwapNames,
    SwapColumnNames,
    MoveSchema,
    DropColumn,
    RetypeColumn,
    CollateColumn,
    ToggleNotNull,
    ChangeFill,
    Identity,
    Generate,
    ColumnDetails,
    Own,
    Reparent,
    Repartition,
    ChangeTable,
    ReplicaIdentity,
    ChangeType,
    ChangeSequence,
    ChangeView,
    ChangeViewColumns,
    Materialize,
    BecomeView,
    BecomeTable,
    ChangeSignature,
    ChangeReturn,
    ChangeFunction,
    ChangeBody,
    ChangeConstraint,
    ChangeIndex,
    ChangeTrigger,
    ChangePolicy,
    ChangeRule,
    ChangeOther,
    CallFunction,
    Uncomment,
    Revoke,
}

/// Each action with its weight while a schema is made, and while it is changed.
pub(in super::super) const ACTIONS: [(Action, u32, u32); 78] = {
    use Action::*;
    [
        (AddTable, 16, 3),
        (AddSchema, 5, 2),
        (AddEnum, 8, 2),
        (AddComposite, 4, 1),
        (AddDomain, 6, 2),
        (AddRange, 2, 1),
        (AddCollation, 2, 1),
        (AddSequence, 4, 2),
        (AddPartitioned, 5, 1),
        (AddPartition, 6, 2),
        (AddChild, 4, 2),
        (AddForeignTable, 3, 1),
        (AddMapping, 1, 1),
        (AddView, 14, 4),
        (AddMaterialized, 6, 2),
        (AddFunction, 12, 3),
        (AddRowFunction, 4, 1),
        (AddProcedure, 2, 1),
        (AddAggregate, 2, 1),
        (AddKey, 14, 3),
        (AddForeignKey, 8, 3),
        (AddCheck, 8, 3),
        (AddExclusion, 2, 1),
        (AddIndex, 12, 4),
        (AddTrigger, 6, 2),
        (AddPolicy, 4, 2),
        (AddRule, 3, 1),
        (AddStatistics, 2, 1),
        (AddPublication, 3, 1),
        (AddEventTrigger, 1, 1),
        (AddCast, 2, 1),
        (AddOperator, 2, 1),
        (AddDefaultRights, 3, 1),
        (AddColumn, 10, 6),
        (AddSerial, 4, 2),
        (Comment, 6, 3),
        (CommentColumn, 3, 2),
        (Grant, 6, 3),
        (GrantColumn, 2, 2),
        (CallFunction, 4, 3),
        (ChangeFill, 4, 5),
        (Identity, 3, 3),
        (Generate, 4, 3),
        (ColumnDetails, 3, 4),
        (CollateColumn, 3, 3),
        (ToggleNotNull, 6, 4),
        (ReplicaIdentity, 2, 2),
        (Own, 2, 3),
        (Drop, 0, 12),
        (Rename, 0, 6),
        (RenameColumn, 0, 4),
        (SwapNames, 0, 4),
        (SwapColumnNames, 0, 2),
        (MoveSchema, 0, 4),
        (DropColumn, 0, 6),
        (RetypeColumn, 0, 9),
        (Reparent, 0, 4),
        (Repartition, 0, 3),
        (ChangeTable, 2, 5),
        (ChangeType, 0, 9),
        (ChangeSequence, 0, 3),
        (ChangeView, 1, 4),
        (ChangeViewColumns, 0, 5),
        (Materialize, 0, 2),
        (BecomeView, 0, 2),
        (BecomeTable, 0, 2),
        (ChangeSignature, 0, 6),
        (ChangeReturn, 0, 3),
        (ChangeFunction, 0, 4),
        (ChangeBody, 0, 3),
        (ChangeConstraint, 0, 4),
        (ChangeIndex, 0, 4),
        (ChangeTrigger, 0, 3),
        (ChangePolicy, 0, 2),
        (ChangeRule, 0, 4),
        (ChangeOther, 0, 5),
        (Uncomment, 0, 4),
        (Revoke, 0, 3),
    ]
};

/// What the cases of a test are about; all of it together makes small cases of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Focus {
    Tables,
    TypesAndViews,
    Code,
    Everything,
}

impl Focus {
    pub(super) fn has(self, action: Action) -> bool {
        use Action::*;
        let always = matches!(
            action,
            AddTable
                | AddSchema
                | AddColumn
                | Comment
                | Grant
                | Drop
                | Rename
                | SwapNames
                | MoveSchema
                | DropColumn
        );
        let own = match self {
            Focus::Everything => true,
            Focus::Tables => matches!(
                action,
                AddSequence
                    | AddPartitioned
                    | AddPartition
                    | AddChild
                    | AddKey
                    | AddForeignKey
                    | AddCheck
                    | AddExclusion
                    | AddIndex
                    | AddSerial
                    | CommentColumn
                    | GrantColumn
                    | RenameColumn
                    | SwapColumnNames
                    | RetypeColumn
                    | CollateColumn
                    | ToggleNotNull
                    | ChangeFill
                    | Identity
                    | Generate
                    | ColumnDetails
                    | Own
                    | Reparent
                    | Repartition
                    | ChangeTable
                    | ReplicaIdentity
                    | ChangeSequence
                    | ChangeConstraint
                    | ChangeIndex
                    | Uncomment
                    | Revoke
            ),
            Focus::TypesAndViews => matches!(
                action,
                AddEnum
                    | AddComposite
                    | AddDomain
                    | AddRange
                    | AddCollation
                    | AddView
                    | AddMaterialized
                    | AddKey
                    | AddIndex
                    | AddRowFunction
                    | ChangeType
                    | ChangeView
                    | ChangeViewColumns
                    | Materialize
                    | BecomeView
                    | BecomeTable
                    | RetypeColumn
                    | CollateColumn
                    | RenameColumn
                    | ChangeFill
                    | AddPolicy
            ),
            Focus::Code => matches!(
                action,
                AddFunction
                    | AddRowFunction
                    | AddProcedure
                    | AddAggregate
                    | AddTrigger
                    | AddPolicy
                    | AddRule
                    | AddView
                    | AddCheck
                    | AddEnum
                    | AddDomain
                    | AddCast
                    | AddOperator
                    | AddIndex
                    | CallFunction
                    | ChangeSignature
                    | ChangeReturn
                    | ChangeFunction
                    | ChangeBody
                    | ChangeTrigger
                    | ChangePolicy
                    | ChangeRule
                    | RetypeColumn
                    | Generate
                    | ChangeOther
            ),
        };
        always || own
    }
}
