using System.Collections;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

using SQLitePCL;

namespace RealRelationship.Storage.Sqlite;

/// <summary>The current row of a statement, with what Dapper reads of it.</summary>
internal sealed class StatementRow : DbDataReader
{
    private readonly sqlite3_stmt _statement;
    private readonly string[] _names;
    private readonly Type[] _declared;

    public StatementRow(sqlite3_stmt statement)
    {
        _statement = statement;
        _names = new string[raw.sqlite3_column_count(statement)];
        _declared = new Type[_names.Length];
        for (var i = 0; i < _names.Length; i++)
        {
            _names[i] = raw.sqlite3_column_name(statement, i).utf8_to_string();
            _declared[i] = ToType(raw.sqlite3_column_decltype(statement, i).utf8_to_string());
        }
    }

    public override int FieldCount => _names.Length;

    public override int Depth => 0;

    public override bool HasRows => true;

    public override bool IsClosed => false;

    public override int RecordsAffected => -1;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    /// <summary>The types of the values in SQLite.</summary>
    public int[] ReadTypes()
    {
        var types = new int[_names.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = raw.sqlite3_column_type(_statement, i);
        }

        return types;
    }

    /// <summary>Whether <see cref="ReadTypes"/> would return these.</summary>
    public bool HasTypes(int[] types)
    {
        for (var i = 0; i < types.Length; i++)
        {
            if (raw.sqlite3_column_type(_statement, i) != types[i])
            {
                return false;
            }
        }

        return true;
    }

    public override object GetValue(int ordinal) => raw.sqlite3_column_type(_statement, ordinal) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(_statement, ordinal),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(_statement, ordinal),
        raw.SQLITE_TEXT => raw.sqlite3_column_text(_statement, ordinal).utf8_to_string(),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(_statement, ordinal).ToArray(),
        _ => DBNull.Value,
    };

    public override Type GetFieldType(int ordinal) => raw.sqlite3_column_type(_statement, ordinal) switch
    {
        raw.SQLITE_INTEGER => typeof(long),
        raw.SQLITE_FLOAT => typeof(double),
        raw.SQLITE_TEXT => typeof(string),
        raw.SQLITE_BLOB => typeof(byte[]),
        _ => _declared[ordinal],
    };

    public override string GetName(int ordinal) => _names[ordinal];

    public override int GetOrdinal(string name) => Array.IndexOf(_names, name);

    public override bool IsDBNull(int ordinal) => raw.sqlite3_column_type(_statement, ordinal) == raw.SQLITE_NULL;

    public override int GetValues(object[] values) => throw new NotSupportedException();

    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override byte GetByte(int ordinal) => (byte)GetValue(ordinal);

    public override char GetChar(int ordinal) => (char)GetValue(ordinal);

    public override short GetInt16(int ordinal) => (short)GetInt64(ordinal);

    public override int GetInt32(int ordinal) => (int)GetInt64(ordinal);

    public override long GetInt64(int ordinal) => (long)GetValue(ordinal);

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override double GetDouble(int ordinal) => (double)GetValue(ordinal);

    public override string GetString(int ordinal) => (string)GetValue(ordinal);

    public override decimal GetDecimal(int ordinal) => throw new NotSupportedException();

    public override Guid GetGuid(int ordinal) => throw new NotSupportedException();

    public override DateTime GetDateTime(int ordinal) => throw new NotSupportedException();

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw new NotSupportedException();

    public override IEnumerator GetEnumerator() => throw new NotSupportedException();

    public override bool NextResult() => false;

    public override bool Read() => throw new NotSupportedException();

    // The type of a column without a value, as Microsoft.Data.Sqlite has it.
    [return: NotNull]
    private static Type ToType(string? declared) => declared?.ToUpperInvariant() switch
    {
        "INTEGER" or "INT" => typeof(long),
        "REAL" => typeof(double),
        "TEXT" => typeof(string),
        _ => typeof(byte[]),
    };
}
