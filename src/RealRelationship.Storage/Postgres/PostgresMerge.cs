using System.Data;
using System.Text.RegularExpressions;

using Dapper;

using Npgsql;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>Rewrites statements of the same text as one over <c>unnest</c> of their parameters.</summary>
internal static partial class PostgresMerge
{
    private const string Separator = "\0";

    /// <summary>Merges what the queue allows: each statement goes to the place of the first of its text, unless another statement is between.</summary>
    public static List<QueuedCommand> Merge(IEnumerable<QueuedCommand> queue)
    {
        var places = new List<object>();
        var open = new Dictionary<string, List<MergeableCommand>>(StringComparer.Ordinal);
        foreach (var queued in queue)
        {
            if (queued is not MergeableCommand mergeable)
            {
                if (!queued.IsTenant)
                {
                    open.Clear();
                }

                places.Add(queued);
            }
            else if (open.TryGetValue(queued.Statement.Text, out var earlier))
            {
                earlier.Add(mergeable);
            }
            else
            {
                open.Add(queued.Statement.Text, earlier = [mergeable]);
                places.Add(earlier);
            }
        }

        return places.ConvertAll(place => place switch
        {
            List<MergeableCommand> { Count: 1 } alone => alone[0],
            List<MergeableCommand> several => several[0].Merge(several),
            _ => (QueuedCommand)place,
        });
    }

    /// <summary>Inserts a row each.</summary>
    public static QueuedCommand Rows(IReadOnlyList<MergeableCommand> commands)
    {
        var match = RowInsert().Match(commands[0].Statement.Text);
        return match.Success
            ? new MergedCommand($"{match.Groups["target"].Value} SELECT {ToRow(match.Groups["values"].Value)} FROM {Unnest(commands)}", commands)
            : throw new InvalidOperationException("The statement does not insert one row of parameters.");
    }

    /// <summary>Reads the rows of each.</summary>
    public static QueuedCommand Queries<T>(IReadOnlyList<MergeableCommand> commands) =>
        new MergedCommand($"SELECT r.number, q.* FROM {Unnest(commands)} CROSS JOIN LATERAL ({ToRow(commands[0].Statement.Text)}) q", commands)
        {
            ReadRows = reader =>
            {
                var results = commands.Select(_ => new List<T>()).ToList();
                if (reader.HasRows)
                {
                    var parse = reader.GetRowParser<T>(startIndex: 1);
                    while (reader.Read())
                    {
                        results[(int)reader.GetInt64(0) - 1].Add(parse(reader));
                    }
                }

                for (var i = 0; i < results.Count; i++)
                {
                    commands[i].SetResult!(results[i]);
                }
            },
        };

    /// <summary>Inserts a row each, unless its key is taken: those inserted come back, and their texts tell them apart.</summary>
    public static QueuedCommand Claims(IReadOnlyList<MergeableCommand> commands)
    {
        var match = ConditionalInsert().Match(commands[0].Statement.Text);
        if (!match.Success)
        {
            throw new InvalidOperationException("The statement does not insert one row of parameters unless it conflicts.");
        }

        string[] columns = [.. match.Groups["column"].Captures.Select(c => c.Value)];
        string[] values = [.. match.Groups["value"].Captures.Select(c => c.Value)];
        var parameters = commands[0].Statement.Parameters;
        var texts = Enumerable.Range(0, parameters.Count).Where(i => parameters[i].Type == DbType.String).ToList();
        var returned = texts.ConvertAll(i => columns[Array.IndexOf(values, parameters[i].Name)]);
        return new MergedCommand(
            $"{match.Groups["target"].Value} SELECT {ToRow(match.Groups["values"].Value)} FROM {Unnest(commands)} "
                + $"WHERE {ToRow(match.Groups["condition"].Value)} ORDER BY r.number ON CONFLICT {match.Groups["conflict"].Value} "
                + $"RETURNING {string.Join(", ", returned)}", commands)
        {
            ReadRows = reader =>
            {
                var inserted = new HashSet<string>(StringComparer.Ordinal);
                while (reader.Read())
                {
                    inserted.Add(string.Join(Separator, Enumerable.Range(0, texts.Count).Select(i => reader.GetValue(i))));
                }

                foreach (var command in commands)
                {
                    var own = string.Join(Separator, texts.Select(i => command.Statement.ValueOf(command.Statement.Parameters[i])));
                    command.SetResult!(inserted.Remove(own) ? 1 : 0);
                }
            },
        };
    }

    private static string Unnest(IReadOnlyList<MergeableCommand> commands)
    {
        var names = commands[0].Statement.Parameters.Select(p => p.Name).ToList();
        return $"unnest({string.Join(", ", names)}) WITH ORDINALITY AS r({string.Join(", ", names.Select(name => $"\"{name}\""))}, number)";
    }

    private static string ToRow(string text) => SqlStatement.ParameterName().Replace(text, match => $"r.\"{match.Value}\"");

    [GeneratedRegex(@"^\s*(?<target>INSERT INTO \w+ \([\w\s,]+\))\s*VALUES \((?<values>@\w+(,\s*@\w+)*)\)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RowInsert();

    [GeneratedRegex(
        @"^(?<target>INSERT INTO \w+ \((?<column>\w+)(, (?<column>\w+))*\)) SELECT (?<values>(?<value>@\w+)(, (?<value>@\w+))*) WHERE (?<condition>.+) "
            + @"ON CONFLICT (?<conflict>\(\w+\) DO NOTHING)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConditionalInsert();
}
