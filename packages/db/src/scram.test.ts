import { expect, test } from 'vitest';
import { scramVerifier } from './scram.ts';

test('is what PostgreSQL itself makes of the same password and salt', () => {
  // From PostgreSQL 15: `create role r password 'pencil'`, then `select rolpassword from pg_authid`.
  expect(scramVerifier('pencil', Buffer.from('0ujgaOinrFIArOAJYKkXkQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:0ujgaOinrFIArOAJYKkXkQ==$IXCCFIChgfhwo+cwYuiZxUgmW30zqfGmvrkpejnF6gI=:hzkVzE3lmur9XiIquFwJ4SgAceL2QBu1JdO8s3+YzMk=',
  );
});

test('differs for the same password twice', () => {
  expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
});

test.each(['', 'pass word', 'pässword', 'x'.repeat(201)])(
  'refuses %j, which clients would read differently',
  (text) => {
    expect(() => scramVerifier(text)).toThrow(RangeError);
  },
);
