using System.Buffers;
using System.Data.Common;
using System.Text;

using Dapper;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Writing;

using SQLitePCL;

namespace RealRelationship.Storage.Sqlite;

/// <summary>A statement that SQLite compiles once and that is bound by position.</summary>
/// <remarks>A command of Microsoft.Data.Sqlite looks up each parameter by its name and creates a reader with every execution, which costs more than most
/// statements of the writer.</remarks>
internal sealed class PreparedStatement : IDisposable
{
    private const int StackBytes = 512;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly SqlParameterInfo[] _parameters;
    private readonly StatementRow _row;
    private (Delegate Parse, int[] Types)? _parser;

    /// <exception cref="SqliteException">SQLite does not accept the statement.</exception>
    /// <exception cref="NotSupportedException">The text has several statements.</exception>
    public PreparedStatement(SqliteConnection connection, string text, IReadOnlyList<SqlParameterInfo> parameters)
    {
        _connection = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_connection, text, raw.SQLITE_PREPARE_PERSISTENT, out _statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            _statement.Dispose();
            throw new NotSupportedException("Statements are executed one by one.");
        }

        _parameters = new SqlParameterInfo[raw.sqlite3_bind_parameter_count(_statement)];
        for (var i = 0; i < _parameters.Length; i++)
        {
            var name = raw.sqlite3_bind_parameter_name(_statement, i + 1).utf8_to_string();
            _parameters[i] = parameters.Single(parameter => parameter.Name == name);
        }

        _row = new(_statement);
    }

    /// <returns>The number of changed rows.</returns>
    /// <exception cref="SqliteException">It failed.</exception>
    public int Execute(SqlStatement values)
    {
        try
        {
            Bind(values);
            while (Step())
            {
            }

            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>The rows, mapped by Dapper.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public List<T> Query<T>(SqlStatement values)
    {
        try
        {
            Bind(values);
            if (!Step())
            {
                return [];
            }

            var (rows, parse) = (new List<T>(), FindParser<T>());
            do
            {
                rows.Add(parse(_row));
            }
            while (Step());

            return rows;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    // What Dapper compiles depends on the types of the columns in the first row.
    private Func<DbDataReader, T> FindParser<T>()
    {
        if (_parser is { Parse: Func<DbDataReader, T> known } parser && _row.HasTypes(parser.Types))
        {
            return known;
        }

        Func<DbDataReader, T> parse = IsColumn(typeof(T)) ? static row => row.IsDBNull(0) ? default! : (T)row.GetValue(0) : _row.GetRowParser<T>();
        _parser = (parse, _row.ReadTypes());
        return parse;
    }

    private static bool IsColumn(Type type) => type == typeof(byte[]) || type == typeof(string) || type == typeof(long);

    private bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        Check(code);
        return code == raw.SQLITE_ROW;
    }

    private void Bind(SqlStatement values)
    {
        for (var i = 0; i < _parameters.Length; i++)
        {
            Check(Bind(i + 1, values.ValueOf(_parameters[i])));
        }
    }

    private int Bind(int position, object value) => value switch
    {
        string text => BindText(position, text),
        long number => raw.sqlite3_bind_int64(_statement, position, number),
        int number => raw.sqlite3_bind_int64(_statement, position, number),
        double number => raw.sqlite3_bind_double(_statement, position, number),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, position, 0),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, position, bytes),
        DBNull => raw.sqlite3_bind_null(_statement, position),
        _ => throw new NotSupportedException($"No column stores a {value.GetType().Name}."),
    };

    // An empty span has no address, and would be bound as NULL.
    private int BindText(int position, string text)
    {
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(_statement, position, "");
        }

        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = length > StackBytes ? ArrayPool<byte>.Shared.Rent(length) : null;
        var bytes = rented ?? stackalloc byte[StackBytes];
        var written = Encoding.UTF8.GetBytes(text, bytes);
        var code = raw.sqlite3_bind_text(_statement, position, bytes[..written]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _connection);
}
