namespace RealRelationship.Storage;

/// <summary>Parts of SQL that both engines take.</summary>
public static class Subquery
{
    /// <summary>Ends the query of <c>NOT EXISTS</c> where a page of rows is read. PostgreSQL looks it up for each row then; without it, it makes a join, and
    /// reads the whole table for every page (a subquery with OFFSET is not pulled up).</summary>
    public const string OfEachRow = "LIMIT 1 OFFSET 0";
}
