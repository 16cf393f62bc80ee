using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace RealRelationshipApi.Storage;

/// <summary>A command that is filled like any other, and about which its connection decides what is run in its place.</summary>
internal abstract class DraftCommand<T>(DbConnection connection, T draft) : DbCommand where T : DbCommand
{
    protected T Draft => draft;

    [AllowNull]
    public override string CommandText
    {
        get => draft.CommandText;
        set => draft.CommandText = value;
    }

    public override int CommandTimeout
    {
        get => draft.CommandTimeout;
        set => draft.CommandTimeout = value;
    }

    public override CommandType CommandType
    {
        get => draft.CommandType;
        set => draft.CommandType = value;
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException("A command belongs to its connection.");
    }

    protected override DbParameterCollection DbParameterCollection => draft.Parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    public override void Cancel() => draft.Cancel();

    public override void Prepare() => draft.Prepare();

    protected override DbParameter CreateDbParameter() => draft.CreateParameter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            draft.Dispose();
        }

        base.Dispose(disposing);
    }
}
